"""``gradcheck check --isolate``: what a layer breaks costs its case, and is reported with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]

LAYERS = """
import ctypes
import numpy as np


def relu(x):
    return np.maximum(x, 0), x > 0


def back(dy, mask):
    return dy * mask


def wrong(dy, mask):
    return dy


def reads_nothing(x):
    if x.ndim == 4:
        ctypes.string_at(0)
    return relu(x)


def corrupts(x):
    if x.ndim == 4:
        mine = np.empty(10_000)
        ctypes.memset(mine.ctypes.data - 64, 255, 64 + mine.nbytes + 64)
        del mine
    return relu(x)


def greedy(x):
    if x.ndim == 4:
        np.ones(300 * 2**27)
    return relu(x)


def loops(x):
    while x.ndim == 4:
        pass
    return relu(x)


def dies_at_once(x):
    ctypes.string_at(0)
    return relu(x)


def never_ends(x):
    while True:
        pass
"""


@pytest.fixture
def check(tmp_path: Path, invoke: Invoke) -> Invoke:
    file = tmp_path / "dangerous.py"
    file.write_text(LAYERS)

    def run(forward: str, backward: str = "back", *more: str) -> Result:
        pair = ("--forward", f"{file}:{forward}", "--backward", f"{file}:{backward}")
        words = ("check", *pair, "--spec", "relu", "--isolate", "--seconds", "3.0", "--examples")
        return invoke(*words, "26", *more)

    return run


@pytest.mark.parametrize(("backward", "code"), [("back", 0), ("wrong", 1)])
def test_a_layer_that_harms_nothing_gets_its_verdict(
    check: Invoke, backward: str, code: int
) -> None:
    result = check("relu", backward)
    assert result.exit_code == code, result.output


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        ("reads_nothing", ("the layer's process died: signal SIGSEGV",)),
        ("corrupts", ("Lost: the layer's process died",)),
        ("greedy", ("Unable to allocate 300. GiB",)),
        pytest.param(
            "loops", ("the layer did not come back within 3 s",), marks=pytest.mark.environment
        ),
    ],
)
def test_what_it_breaks_is_reported_with_its_case(
    check: Invoke, forward: str, words: tuple[str, ...]
) -> None:
    result = check(forward, "back", "--format", "ndjson")
    assert result.exit_code == 4, result.output
    report = next(
        line
        for line in map(json.loads, result.stdout.splitlines())
        if line["event"] == "layer_finished"
    )
    assert report["verdict"] == "ERROR"
    assert all(text in report["reason"] for text in words)
    (crash,) = report["crashes"]
    assert len(crash["case"]["shapes"]["x"]) == 4
    assert "--isolate --seconds 3.0" in crash["reproduce"]


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        ("dies_at_once", "the layer's process died: signal SIGSEGV; nothing was checked"),
        pytest.param(
            "never_ends", "did not come back within 12 s; nothing was checked",
            marks=pytest.mark.environment,
        ),
    ],
)  # fmt: skip
def test_one_that_breaks_at_its_first_call(check: Invoke, forward: str, words: str) -> None:
    result = check(forward)
    assert result.exit_code == 4
    assert words in " ".join(result.stderr.split())
