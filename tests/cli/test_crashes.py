"""``gradcheck check`` of a layer that raises in its own backward: its verdict, not wrong usage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]

CRASHING = """
import numpy as np


class Dense:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.random.randn(in_features, out_features), np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, dy.sum(0)
        return dy @ self.W.T


class Untransposed(Dense):
    def backward(self, dy):
        self.dW = self.x @ dy
        return super().backward(dy)


class OfBatches(Dense):
    def backward(self, dy):
        if len(dy) > 3:
            raise IndexError("the batch is too large for me")
        return super().backward(dy)


def relu(x):
    return np.maximum(x, 0), x


def relu_back(dout, cache):
    return dout * (cache > 0)


def relu_back_misspelt(dout, cache):
    return dout * (cahce > 0)


def relu_back_of_nothing():
    return 0.0


def closed(x):
    return np.maximum(x, 0), lambda dy: dy * nowhere


class NoBias(Dense):
    def backward(self, dy):
        dx = super().backward(dy)
        self.db = None
        return dx


class Summed(Dense):
    def backward(self, dy):
        dx = super().backward(dy)
        self.dW = dy.sum(0)
        return dx


class EvenBatches(Dense):
    def forward(self, x):
        if len(x) % 2:
            raise ValueError("an even batch, please")
        return super().forward(x)


class EvenBatchesSummed(EvenBatches, Summed): ...


def nothing(x):
    return np.maximum(x, 0), lambda dy: None


def affine_forward(x, w, b):
    return x @ w.T + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w, x.T @ dout, dout.sum(0)
"""


@pytest.fixture
def crashing(tmp_path: Path) -> str:
    path = tmp_path / "crashing.py"
    path.write_text(CRASHING)
    return str(path)


@pytest.mark.parametrize(
    ("target", "spec", "code", "message", "line"),
    [
        ("Dense", "linear", 0, "1 PASS", ""),
        ("Untransposed", "linear", 4, "backward raised ValueError", "self.dW = self.x @ dy"),
        ("OfBatches", "linear", 4, "the batch is too large for me", "raise IndexError"),
        ("closed", "relu", 4, "name 'nowhere' is not defined", "dy * nowhere"),
    ],
)
def test_a_backward_that_raises_is_an_error_of_the_layer(
    crashing: str, invoke: Invoke, target: str, spec: str, code: int, message: str, line: str
) -> None:
    result = invoke("check", f"{crashing}:{target}", "--spec", spec, "--examples", "12")
    assert result.exit_code == code, result.output
    assert message in result.stdout
    assert line in result.stdout
    assert "assumed:" in result.stderr


@pytest.mark.parametrize(
    ("backward", "code", "message"),
    [
        ("relu_back", 0, "1 PASS"),
        ("relu_back_misspelt", 4, "name 'cahce' is not defined"),
        ("relu_back_of_nothing", 2, "relu_back_of_nothing takes no array; a backward takes"),
    ],
)
def test_a_pair_whose_backward_raises_is_told_from_one_that_is_called_wrongly(
    crashing: str, invoke: Invoke, backward: str, code: int, message: str
) -> None:
    pair = ("--forward", f"{crashing}:relu", "--backward", f"{crashing}:{backward}")
    result = invoke("check", *pair, "--spec", "relu", "--examples", "12")
    assert result.exit_code == code, result.output
    assert message in " ".join(result.output.split())


def test_where_the_backward_runs_it_is_checked_as_any_other(crashing: str, invoke: Invoke) -> None:
    """The gradients, not found at the point at which it raised, are found at each case."""
    case = '{"config":{},"shapes":{"x":[2,3],"weight":[4,3],"bias":[4],"output":[2,4]},"seed":1}'
    found = f"{crashing}:OfBatches"
    result = invoke("check", found, "--spec", "linear", "--fix", "bias=true", "--case", case)
    assert result.exit_code == 0, result.output
    assert "dweight" in result.stdout


@pytest.mark.parametrize(
    ("target", "spec", "message"),
    [
        ("NoBias", "linear", "backward's gradient for bias is None; expected an array"),
        ("Summed", "linear", "dweight has shape (1,); expected (1, 1)"),
        ("nothing", "relu", "backward's gradient for x is None; expected an array"),
    ],
)
def test_a_gradient_that_is_none_or_of_another_shape_is_a_failure_of_the_layer(
    crashing: str, invoke: Invoke, target: str, spec: str, message: str
) -> None:
    result = invoke("check", f"{crashing}:{target}", "--spec", spec, "--examples", "12")
    assert result.exit_code == 1, result.output
    assert message in " ".join(result.stdout.split())


def test_a_gradient_that_a_function_returns_in_another_shape_is_a_failure(
    crashing: str, invoke: Invoke
) -> None:
    pair = [f"--{way}={crashing}:affine_{way}" for way in ("forward", "backward")]
    result = invoke("check", *pair, "--spec", "linear", "--examples", "12")
    assert result.exit_code == 1, result.output
    assert "backward's gradient for weight has shape (1, 2); expected (2, 1)" in result.stdout


@pytest.mark.parametrize(("target", "code"), [("EvenBatches", 0), ("EvenBatchesSummed", 1)])
def test_a_layer_that_will_not_have_one_sample_is_not_failed_for_it(
    crashing: str, invoke: Invoke, target: str, code: int
) -> None:
    result = invoke("check", f"{crashing}:{target}", "--spec", "linear", "--examples", "24")
    assert result.exit_code == code, result.output
    if not code:
        assert "an even batch, please" in result.stdout
