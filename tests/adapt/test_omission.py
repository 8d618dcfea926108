"""A layer that gives no dx has the rest judged, and no pass of what was not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import gradcheck
from gradcheck import Verdict, adapt
from gradcheck.cli import main

FIRST = """
import numpy as np


def forward(x, W, b):
    return x @ W + b, (x, W)


def first(dy, cache):
    x, W = cache
    return x.T @ dy, dy.sum(0)


def wrong(dy, cache):
    dW, db = first(dy, cache)
    return dW * (1 + 1e-6), db


def bent(x, W, b):
    return (1 + 1e-6) * (x @ W) + b, ((1 + 1e-6) * x, W)


class First:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, dy.sum(0)


class Wrong(First):
    def backward(self, dy):
        super().backward(dy)
        self.db = dy.mean(0)


class Other(First):
    def backward(self, dy):
        super().backward(dy)
        return dy  # something, but no gradient for x


class Nothing:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dy):
        dy * (self.x > 0)
"""


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Result]:
    file = tmp_path / "first.py"
    file.write_text(FIRST)

    def run(*words: str, spec: str = "linear", examples: int = 14) -> Result:
        said = [word.replace("{}", str(file)) for word in words]
        return CliRunner().invoke(
            main, ["check", *said, "--spec", spec, "--examples", str(examples)]
        )

    return run


PAIR = ("--forward", "{}:forward", "--backward", "{}:first")


@pytest.mark.parametrize("target", [PAIR, ("{}:First",)])
def test_what_is_there_is_judged_and_dx_is_said_to_be_missing(
    check: Callable[..., Result], target: tuple[str, ...]
) -> None:
    result = check(*target)
    assert result.exit_code == 3, result.output
    words = " ".join(result.stdout.split())
    assert "the layer gives no gradient for x" in words
    assert "assumed: no gradient for x" in result.stderr
    assert "dweight" in words
    assert " dx " not in words  # nothing is said of what was not there
    declared = check(*target, "--omit", "x")
    assert declared.exit_code == 0, declared.output
    assert "not checked what is not there: the layer gives no gradient for x" in " ".join(
        declared.stdout.split()
    )


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (("--forward", "{}:forward", "--backward", "{}:wrong"), "the gradient for weight is wrong"),
        (("{}:Wrong",), "divided by the batch"),
        (("--forward", "{}:bent", "--backward", "{}:first"), "output"),
    ],
)
def test_what_is_there_may_fail(
    check: Callable[..., Result], target: tuple[str, ...], words: str
) -> None:
    for more in ((), ("--omit", "x")):
        result = check(*target, *more, examples=40)
        assert result.exit_code == 1, result.output
        assert words in " ".join(result.stdout.split())


def test_what_has_another_shape_is_no_omission(check: Callable[..., Result]) -> None:
    result = check("{}:Other")
    assert result.exit_code == 1
    assert "the gradient for x is wrong" in " ".join(result.stdout.split())


def test_no_gradient_at_all_is_a_failure(check: Callable[..., Result]) -> None:
    result = check("{}:Nothing", spec="relu")
    assert result.exit_code == 1
    assert "backward's gradient for x is None" in " ".join(result.stdout.split())


def test_an_omission_is_of_an_input(check: Callable[..., Result]) -> None:
    result = check("{}:First", "--omit", "y")
    assert result.exit_code == 2
    assert "--omit y: linear is about x, weight, bias" in result.stderr


def forward(x: Any, weight: Any, bias: Any) -> Any:
    y = x @ weight.T
    return (y if bias is None else y + bias), (x, bias is not None)


def backward(dy: Any, cache: Any) -> Any:
    x, biased = cache
    return None, dy.T @ x, dy.sum(0) if biased else None


def test_the_functions_take_a_declared_omission() -> None:
    layer = adapt.functional(forward, backward)
    report = gradcheck.check_layer("linear", layer, examples=14, omit=("x",))
    assert report.verdict is Verdict.PASS
    assert {piece.wrt for piece in report.comparisons} == {"output", "weight", "bias"}
    assert gradcheck.check_layer("linear", layer, examples=14).verdict is Verdict.FAIL
    explicit = adapt.explicit(
        lambda x, w, b: x @ w.T + b, "x, weight, bias",
        (lambda dy, x: (dy.T @ x, dy.sum(0)), "dy, x -> dweight, dbias"),
    )  # fmt: skip
    report = gradcheck.check_layer(
        "linear", explicit, examples=14, omit=("x",), fixed={"bias": True}
    )
    assert report.verdict is Verdict.PASS


def test_an_omission_that_cannot_be() -> None:
    layer = adapt.functional(forward, backward)
    with pytest.raises(ValueError, match="no gradient at all"):
        gradcheck.check_layer("linear", layer, omit=("x", "weight", "bias"))
    with pytest.raises(ValueError, match="omit='y': linear is about"):
        gradcheck.check_layer("linear", layer, omit=("y",))


def test_a_wrong_forward_is_seen_without_a_gradient_for_x() -> None:
    def bent(x: Any, weight: Any, bias: Any) -> Any:
        y, cache = forward(x, weight, bias)
        return y + 1e-6 * x.sum(), cache

    layer = adapt.functional(bent, backward)
    report = gradcheck.check_layer("linear", layer, examples=14, omit=("x",))
    assert report.verdict is Verdict.FAIL
    assert report.failures[0].wrt == "output"
