"""Activations as textbooks write them: right, if not to the last digit of their tails."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.registry import load_spec

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]


def entrywise(f: Function, slope: Function) -> Any:
    def forward(x: Array, **config: Any) -> tuple[Array, Any]:
        return np.asarray(f(x, **config), x.dtype), (x, config)

    def backward(dy: Array, cache: Any) -> Array:
        x, config = cache
        return np.asarray(dy * np.asarray(slope(x, **config), x.dtype))

    return adapt.functional(forward, backward)


def logistic(x: Array) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return 1 / (1 + np.exp(-x))


def gate(x: Array) -> Any:
    return np.tanh(np.logaddexp(0, x))


def normalised(x: Array, dim: int) -> Any:
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def softmax() -> Any:
    def forward(x: Array, dim: int) -> tuple[Array, Any]:
        y = normalised(x, dim)
        return y, (y, dim)

    def backward(dy: Array, cache: Any) -> Array:
        y, dim = cache
        return np.asarray(y * (dy - (dy * y).sum(axis=dim, keepdims=True)))

    return adapt.functional(forward, backward)


def softmax_by_its_jacobian() -> Any:
    def forward(x: Array, dim: int) -> tuple[Array, Any]:
        y = normalised(x, dim)
        return y, (y, dim)

    def backward(dy: Array, cache: Any) -> Array:
        y, dim = cache
        y, dy = np.moveaxis(y, dim, -1), np.moveaxis(dy, dim, -1)
        jacobian = (
            y[..., :, None] * np.eye(y.shape[-1], dtype=y.dtype) - y[..., :, None] * y[..., None, :]
        )
        return np.moveaxis(np.einsum("...ij,...i->...j", jacobian, dy), -1, dim)

    return adapt.functional(forward, backward)


def log_softmax() -> Any:
    def forward(x: Array, dim: int) -> tuple[Array, Any]:
        z = x - x.max(axis=dim, keepdims=True)
        y = z - np.log(np.exp(z).sum(axis=dim, keepdims=True))
        return y, (y, dim)

    def backward(dy: Array, cache: Any) -> Array:
        y, dim = cache
        return np.asarray(dy - np.exp(y) * dy.sum(axis=dim, keepdims=True))

    return adapt.functional(forward, backward)


def glu() -> Any:
    def forward(x: Array, dim: int) -> tuple[Array, Any]:
        a, b = np.split(x, 2, axis=dim)
        return a * logistic(b), (a, logistic(b), dim)

    def backward(dy: Array, cache: Any) -> Array:
        a, s, dim = cache
        return np.concatenate([dy * s, dy * a * s * (1 - s)], axis=dim)

    return adapt.functional(forward, backward)


def silu_slope(x: Array) -> Any:
    return logistic(x) + x * logistic(x) * (1 - logistic(x))


def mish_slope(x: Array) -> Any:
    return gate(x) + x * logistic(x) * (1 - gate(x) ** 2)


def elu(x: Array, alpha: float) -> Any:
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def softplus(x: Array, beta: float, threshold: float) -> Any:
    return np.where(beta * x > threshold, x, np.logaddexp(0, beta * x) / beta)


LAYERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "sigmoid": (
        "sigmoid",
        lambda: entrywise(logistic, lambda x: logistic(x) * (1 - logistic(x))),
    ),
    "tanh": ("tanh", lambda: entrywise(np.tanh, lambda x: 1 - np.tanh(x) ** 2)),
    "silu": ("silu", lambda: entrywise(lambda x: x * logistic(x), silu_slope)),
    "mish": ("mish", lambda: entrywise(lambda x: x * gate(x), mish_slope)),
    "softplus": (
        "softplus",
        lambda: entrywise(
            softplus,
            lambda x, beta, threshold: np.where(beta * x > threshold, 1, logistic(beta * x)),
        ),
    ),
    "softsign": (
        "softsign",
        lambda: entrywise(lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    ),
    "logsigmoid": (
        "logsigmoid",
        lambda: entrywise(lambda x: -np.logaddexp(0, -x), lambda x: 1 - logistic(x)),
    ),
    "tanhshrink": (
        "tanhshrink",
        lambda: entrywise(lambda x: x - np.tanh(x), lambda x: np.tanh(x) ** 2),
    ),
    "elu": (
        "elu",
        lambda: entrywise(
            elu, lambda x, alpha: np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))
        ),
    ),
    "elu from its output": (
        "elu",
        lambda: entrywise(elu, lambda x, alpha: np.where(x > 0, 1, elu(x, alpha) + alpha)),
    ),
    "hardswish": (
        "hardswish",
        lambda: entrywise(
            lambda x: x * np.clip(x + 3, 0, 6) / 6,
            lambda x: np.where(x <= -3, 0, np.where(x >= 3, 1, x / 3 + 0.5)),
        ),
    ),
    "hardsigmoid": (
        "hardsigmoid",
        lambda: entrywise(
            lambda x: np.clip(x / 6 + 0.5, 0, 1), lambda x: np.where(abs(x) < 3, 1 / 6, 0)
        ),
    ),
    "softmax": ("softmax", softmax),
    "softmax by its Jacobian": ("softmax", softmax_by_its_jacobian),
    "log_softmax": ("log_softmax", log_softmax),
    "glu": ("glu", glu),
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", LAYERS)
def test_it_passes(name: str, seed: int) -> None:
    spec, layer = LAYERS[name]
    gradcheck.check_layer(spec, layer(), examples=40, seed=seed).raise_for_verdict()


def test_digits_that_cancel_are_noted() -> None:
    report = gradcheck.check_layer("tanhshrink", LAYERS["tanhshrink"][1](), examples=40)
    assert report.verdict is Verdict.PASS
    assert any("forward's output loses relative digits" in str(note) for note in report.notes)


SHUT = {
    "config": {"dim": -1}, "shapes": {"x": [3, 2], "output": [3, 1]}, "data": "wide", "seed": 55,
}  # fmt: skip
"""One gate, nearly shut, lets through what is far larger than the rest."""


def test_a_gate_that_lets_much_through_rounds_as_much() -> None:
    case = gradcheck.Case.from_dict(SHUT)
    right = glu()
    assert gradcheck.check_layer("glu", right, case=case).verdict is Verdict.PASS

    def half(dy: Array, cache: Any) -> Array:
        return np.asarray(right.backward(dy, cache) * np.array([1.0, 1 + 1e-6]))

    wrong = adapt.functional(right.forward, half)
    assert gradcheck.check_layer("glu", wrong, case=case).verdict is Verdict.FAIL


LEFT: dict[str, tuple[str, float, Function, Function]] = {
    "elu": ("alpha", 1.0, lambda x, a: a * np.expm1(x), lambda x, a: a * np.exp(x)),
    "celu": ("alpha", 1.0, lambda x, a: a * np.expm1(x / a), lambda x, a: np.exp(x / a)),
    "leaky_relu": ("negative_slope", 0.01, lambda x, s: s * x, lambda x, s: s),
}
"""A setting, its usual value, and what the layer is left of 0, with its derivative."""


@pytest.mark.parametrize("kind", LEFT)
def test_a_setting_counts_as_met_left_of_0_alone(kind: str) -> None:
    key, *_ = LEFT[kind]
    classes = [c for c in load_spec(kind).classes if c.name.endswith("x < 0")]
    for data, met in (("positive", False), ("negative", True)):
        case = Case(config=Config({key: 0.3}), shapes={"x": (2, 3), "output": (2, 3)}, data=data)
        assert any(c.holds(case) for c in classes) is met


@pytest.mark.parametrize("kind", LEFT)
def test_a_setting_that_the_backward_forgot_is_missed_in_the_fewest_cases(kind: str) -> None:
    key, usual, value, slope = LEFT[kind]

    def forward(x: Array, **config: float) -> tuple[Array, Any]:
        y = np.where(x > 0, x, value(np.minimum(x, 0), config[key]))
        return y.astype(x.dtype), (x, config[key])

    def backward(dy: Array, cache: Any) -> Array:
        x, told = cache
        return (dy * np.where(x > 0, 1, slope(np.minimum(x, 0), told))).astype(dy.dtype)

    def forgetful(dy: Array, cache: Any) -> Array:
        return backward(dy, (cache[0], usual))

    for back, verdict in ((backward, Verdict.PASS), (forgetful, Verdict.FAIL)):
        layer = adapt.functional(forward, back)
        assert gradcheck.check_layer(kind, layer, examples=5).verdict is verdict
