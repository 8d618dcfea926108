"""The command that a failure prints: pasted into a shell, it shows the same failure again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Invoke = Callable[..., Result]

LAYERS = """
import numpy as np


class Dense:
    def __init__(self, n_in, n_out, mystery):
        assert mystery == "it's"
        self.p = {"kernel": np.ones((n_in, n_out)), "shift": np.ones(n_out)}
        self.left = {}

    def forward(self, x):
        self.x = x
        return x @ self.p["kernel"] + self.p["shift"]

    def backward(self, dy):
        self.left = {"kernel": -self.x.T @ dy, "shift": -dy.mean(0)}
        return dy @ self.p["kernel"].T


class Raises(Dense):
    def backward(self, dy):
        if len(dy) == 1:
            raise RuntimeError("one sample")
        self.left = {"kernel": -self.x.T @ dy, "shift": -dy.sum(0)}
        return dy @ self.p["kernel"].T


def elu_forward(x, alpha):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)), (x, alpha)


def elu_backward(dout, cache):
    x, alpha = cache
    return dout * np.where(x > 0, 1, np.exp(np.minimum(x, 0)))
"""


@pytest.fixture
def layers(tmp_path: Path) -> str:
    folder = tmp_path / "a folder of theirs"
    folder.mkdir()
    path = folder / "layers.py"
    path.write_text(LAYERS)
    return str(path)


def found(result: Result) -> dict[str, Any]:
    """Return the first failure or crash of a run that wrote NDJSON."""
    layer: dict[str, Any] = next(
        line
        for line in map(json.loads, result.stdout.splitlines())
        if line["event"] == "layer_finished"
    )
    what: dict[str, Any] = [*layer["failures"], *layer["crashes"]][0]
    return what


@pytest.mark.parametrize(
    "said",
    [
        "{}:Dense --spec linear --weight-layout IO --reduction=-sum --fix bias=true "
        "--params 'weight=p[kernel]' --params 'bias=p[shift]' --grads 'weight=left[kernel]' "
        "--grads 'bias=left[shift]' --fix \"mystery=it's\" --seed 3 --examples 30",
        "{}:Raises --spec linear --fix bias=true --fix 'mystery=\"it'\"'\"'s\"' --isolate "
        "--examples 10",
        "--forward {}:elu_forward --backward {}:elu_backward --spec elu --examples 30",
    ],
)
def test_the_printed_command_shows_the_same_failure(layers: str, invoke: Invoke, said: str) -> None:
    where = shlex.quote(layers)
    words = shlex.split(said.format(where, where))
    first = invoke("check", *words, "--format", "ndjson")
    assert first.exit_code in (1, 4), first.output
    shown = found(first)
    program, *again = shlex.split(shown["reproduce"])
    assert program == "gradcheck"
    second = invoke(*again, "--format", "ndjson")
    assert second.exit_code == first.exit_code
    same = ("case", "message") if "where" in shown else ("case", "wrt", "message", "discrepancy")
    assert {key: found(second)[key] for key in same} == {key: shown[key] for key in same}


def test_a_case_that_lacks_a_shape_is_wrong_usage(layers: str, invoke: Invoke) -> None:
    result = invoke(
        *("check", f"{layers}:Dense", "--spec", "linear", "--case", '{"shapes": {"x": [1, 1]}}')
    )
    assert result.exit_code == 2
    assert "the case gives no shape of weight, bias, output" in " ".join(result.stderr.split())
