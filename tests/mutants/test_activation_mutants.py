"""Wrong derivatives of the activations, as people write them; each is caught with default settings.

A mutant is a function of the input, the cotangent and the config that returns the wrong ``dx``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gradcheck
from gradcheck import adapt

Array = npt.NDArray[Any]
Mutant = Callable[..., Array]
"""``mutant(x, dy, right, **config)``; ``right(x, dy, **config)`` is the unharmed backward."""


def s(x: Array) -> Array:
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, e) / (1 + e))


def sech2(x: Array) -> Array:
    return np.asarray(1 - np.tanh(x) ** 2)


def bell(x: Array) -> Array:
    return np.asarray(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))


def tanh_form(x: Array, tripled: float) -> Array:
    """Return the slope of gelu by tanh, the cubic's factor in u' as given."""
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    return np.asarray(
        (1 + t) / 2 + x / 2 * (1 - t * t) * np.sqrt(2 / np.pi) * (1 + tripled * x * x)
    )


def split(x: Array, dim: int) -> tuple[Array, Array]:
    first, second = np.split(x, 2, axis=dim)
    return first, second


def joined(a: Array, b: Array, dim: int) -> Array:
    return np.concatenate([a, b], axis=dim)


def softmax(x: Array, dim: int) -> Array:
    e = np.exp(x - x.max(axis=dim, keepdims=True))
    return np.asarray(e / e.sum(axis=dim, keepdims=True))


def other(x: Array, dim: int) -> int:
    """Return another axis, if there is one."""
    return (dim + 1) % x.ndim


COMMON: dict[str, Mutant] = {
    "relative error 1e-6": lambda x, dy, right, **c: right(x, dy, **c) * dy.dtype.type(1 + 1e-6),
}
"""Of every kind that is quick to check; what is wrong in a way of its own stands below."""


def masked(inside: Callable[..., Any], factor: float = 1.0) -> Mutant:
    """Return the gradient that is the cotangent, times a factor, where a mask holds."""
    return lambda x, dy, right, **c: np.where(inside(x, **c), dy * dy.dtype.type(factor), 0)


def sloped(slope: Callable[..., Any]) -> Mutant:
    return lambda x, dy, right, **c: dy * slope(x, **c)


MUTANTS: dict[str, dict[str, Mutant]] = {
    "relu6": {
        "ceiling forgotten": masked(lambda x: x > 0),
        "floor forgotten": masked(lambda x: x < 6),
        "mask from the wrong side": masked(lambda x: (x < 0) | (x > 6)),
        "ceiling at 1": masked(lambda x: (x > 0) & (x < 1)),
        "value for slope": lambda x, dy, right: dy * np.minimum(np.maximum(x, 0), 6),
    },
    "hardtanh": {
        "limits of -1 and 1": masked(lambda x, **_: (x > -1) & (x < 1)),
        "mask from the wrong side": masked(
            lambda x, min_val, max_val: (x < min_val) | (x > max_val)),
        "lower limit from the upper": masked(lambda x, min_val, max_val: np.abs(x) < max_val),
        "one limit alone": masked(lambda x, min_val, max_val: x < max_val),
        "slope of tanh": sloped(lambda x, **_: sech2(x)),
    },
    "hardsigmoid": {
        "sixth forgotten": masked(lambda x: np.abs(x) < 3),
        "constant cut short": masked(lambda x: np.abs(x) < 3, 0.1667),
        "a fifth, as elsewhere": masked(lambda x: np.abs(x) < 2.5, 0.2),
        "mask of relu6": masked(lambda x: (x > 0) & (x < 6), 1 / 6),
        "slope of the sigmoid": sloped(lambda x: s(x) * s(-x)),
    },
    "hardswish": {
        "slope of the gate alone": masked(lambda x: np.abs(x) < 3, 1 / 6),
        "gate without the slope": sloped(lambda x: np.clip(x + 3, 0, 6) / 6),
        "one for one half": sloped(
            lambda x: np.where(x < -3, 0, np.where(x > 3, 1, np.clip(x, -3, 3) / 3 + 1))),
        "right branch forgotten": sloped(lambda x: np.where(np.abs(x) < 3, x / 3 + 0.5, 0)),
        "constant cut short": sloped(
            lambda x: np.where(x < -3, 0, np.where(x > 3, 1, np.clip(x, -3, 3) * 0.3333 + 0.5))),
    },
    "hardshrink": {
        "lambd of 1/2": masked(lambda x, **_: np.abs(x) > 0.5),
        "mask from the wrong side": masked(lambda x, lambd: np.abs(x) < lambd),
        "positive side alone": masked(lambda x, lambd: x > lambd),
        "mask from 0": masked(lambda x, **_: x != 0),
        "value for slope": sloped(lambda x, lambd: np.where(np.abs(x) > lambd, x, 0)),
    },
    "softshrink": {
        "lambd of 1/2": masked(lambda x, **_: np.abs(x) > 0.5),
        "mask from the wrong side": masked(lambda x, lambd: np.abs(x) < lambd),
        "negative side alone": masked(lambda x, lambd: x < -lambd),
        "sign on the left": sloped(lambda x, lambd: np.sign(x) * (np.abs(x) > lambd)),
        "lambd doubled": masked(lambda x, lambd: np.abs(x) > 2 * lambd),
    },
    "tanhshrink": {
        "slope of tanh": sloped(sech2),
        "one minus tanh": sloped(lambda x: 1 - np.tanh(x)),
        "square forgotten": sloped(np.tanh),
        "square of the input": sloped(lambda x: np.minimum(np.abs(x), 1) ** 2),
        "identity": lambda x, dy, right: dy.copy(),
    },
    "threshold": {
        "threshold of 0": masked(lambda x, **_: x > 0),
        "threshold not asked": lambda x, dy, right, **_: dy.copy(),
        "mask from the wrong side": masked(lambda x, threshold, **_: x < threshold),
        "value for slope": lambda x, dy, right, threshold, value: dy * np.where(
            x > threshold, dy.dtype.type(1), dy.dtype.type(value or 1)),
        "threshold's sign": masked(lambda x, threshold, **_: x > -threshold - 0.25),
    },
    "celu": {
        "alpha of elu": sloped(
            lambda x, alpha: np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0) / alpha))),
        "alpha inside forgotten": sloped(
            lambda x, alpha: np.where(x > 0, 1, np.exp(np.minimum(x, 0)))),
        "alpha multiplied": sloped(
            lambda x, alpha: np.where(x > 0, 1, np.exp(np.minimum(x, 0) * alpha))),
        "minus one kept": sloped(
            lambda x, alpha: np.where(x > 0, 1, np.expm1(np.minimum(x, 0) / alpha))),
        "left branch forgotten": masked(lambda x, alpha: x > 0),
    },
    "silu": {
        "sigmoid alone": sloped(s),
        "slope of the sigmoid": sloped(lambda x: s(x) * s(-x)),
        "without the gate": sloped(lambda x: x * s(x) * s(-x)),
        "plus for minus": sloped(lambda x: s(x) * (1 - x * s(-x))),
        "y (1 - y)": sloped(lambda x: x * s(x) * (1 - x * s(x))),
        "sigmoid of 1.702 x": sloped(lambda x: s(1.702 * x) * (1 + 1.702 * x * s(-1.702 * x))),
    },
    "mish": {
        "gate alone": sloped(lambda x: np.tanh(np.logaddexp(0, x))),
        "without the gate": sloped(lambda x: x * sech2(np.logaddexp(0, x)) * s(x)),
        "sigmoid forgotten": sloped(
            lambda x: np.tanh(np.logaddexp(0, x)) + x * sech2(np.logaddexp(0, x))),
        "tanh for sech^2": sloped(
            lambda x: np.tanh(np.logaddexp(0, x)) + x * np.tanh(np.logaddexp(0, x)) * s(x)),
        "slope of silu": sloped(lambda x: s(x) * (1 + x * s(-x))),
    },
    "gelu": {
        "tanh form for erf": lambda x, dy, right, **_: right(x, dy, approximate="tanh"),
        "erf form for tanh": lambda x, dy, right, **_: right(x, dy, approximate="none"),
        "distribution alone": lambda x, dy, right, **c: right(x, dy, **c) - dy * x * bell(x),
        "density forgotten": sloped(lambda x, **_: s(1.702 * x)),
        "density doubled": lambda x, dy, right, **c: right(x, dy, **c) + dy * x * bell(x),
        "density of variance 1/2": lambda x, dy, right, **c: right(x, dy, **c) + dy * x * (
            bell(np.sqrt(2) * x) - bell(x)),
        "0.044715 not tripled": lambda x, dy, right, approximate: dy * tanh_form(x, 0.044715)
        if approximate == "tanh" else right(x, dy, approximate=approximate),
        "0.0447": lambda x, dy, right, approximate: dy * tanh_form(x, 3 * 0.0447)
        if approximate == "tanh" else right(x, dy, approximate=approximate),
    },
    "softplus": {
        "beta of 1": lambda x, dy, right, beta, threshold: right(x, dy, beta=1.0,
                                                                 threshold=threshold),
        "beta doubled": lambda x, dy, right, beta, threshold: beta * right(
            x, dy, beta=beta, threshold=threshold),
        "divided by beta": lambda x, dy, right, beta, threshold: right(
            x, dy, beta=beta, threshold=threshold) / beta,
        "other side": lambda x, dy, right, **c: right(-x, dy, **c),
        "slope of the sigmoid": sloped(lambda x, beta, threshold: s(beta * x) * s(-beta * x)),
        "beyond the threshold 0": sloped(
            lambda x, beta, threshold: np.where(beta * x > threshold, 0, s(beta * x))),
    },
    "softsign": {
        "square forgotten": sloped(lambda x: 1 / (1 + np.abs(x))),
        "1 + x^2": sloped(lambda x: 1 / (1 + x * x)),
        "sign kept": sloped(lambda x: np.sign(x) / (1 + np.abs(x)) ** 2),
        "without the magnitude": sloped(lambda x: 1 / (1 + x) ** 2),
        "(1 - y)^2 without the magnitude": sloped(lambda x: (1 - x / (1 + np.abs(x))) ** 2),
    },
    "logsigmoid": {
        "sigmoid of x": sloped(s),
        "slope of the sigmoid": sloped(lambda x: s(x) * s(-x)),
        "minus the sigmoid": sloped(lambda x: -s(-x)),
        "s - 1": sloped(lambda x: s(x) - 1),
        "log kept": sloped(lambda x: np.log(s(-x))),
    },
    "glu": {
        "halves swapped": lambda x, dy, right, dim: joined(*split(right(x, dy, dim=dim), dim)[::-1],
                                                           dim),
        "gate from the wrong half": lambda x, dy, right, dim: right(
            joined(*split(x, dim)[::-1], dim), dy, dim=dim),
        "gate's gradient forgotten": lambda x, dy, right, dim: joined(
            split(right(x, dy, dim=dim), dim)[0], np.zeros_like(dy), dim),
        "s for s (1 - s)": lambda x, dy, right, dim: joined(
            dy * s(split(x, dim)[1]), dy * split(x, dim)[0] * s(split(x, dim)[1]), dim),
        "gate without what it lets through": lambda x, dy, right, dim: joined(
            dy * s(split(x, dim)[1]), dy * s(split(x, dim)[1]) * s(-split(x, dim)[1]), dim),
        "tanh for the sigmoid": lambda x, dy, right, dim: joined(
            dy * np.tanh(split(x, dim)[1]),
            dy * split(x, dim)[0] * sech2(split(x, dim)[1]), dim),
    },
    "softmax": {
        "without the centring sum": lambda x, dy, right, dim: softmax(x, dim) * dy,
        "diagonal alone": lambda x, dy, right, dim: dy * softmax(x, dim) * (1 - softmax(x, dim)),
        "sum over the wrong dim": lambda x, dy, right, dim: softmax(x, dim) * (
            dy - (softmax(x, dim) * dy).sum(axis=other(x, dim), keepdims=True)),
        "sum over everything": lambda x, dy, right, dim: softmax(x, dim) * (
            dy - (softmax(x, dim) * dy).sum()),
        "mean for the sum": lambda x, dy, right, dim: softmax(x, dim) * (
            dy - (softmax(x, dim) * dy).mean(axis=dim, keepdims=True)),
        "the last axis always": lambda x, dy, right, dim: right(x, dy, dim=-1),
    },
    "softmin": {
        "without the centring sum": lambda x, dy, right, dim: -softmax(-x, dim) * dy,
        "sign of softmax": lambda x, dy, right, dim: softmax(-x, dim) * (
            dy - (softmax(-x, dim) * dy).sum(axis=dim, keepdims=True)),
        "shares of softmax": lambda x, dy, right, dim: right(-x, dy, dim=dim),
        "sum over everything": lambda x, dy, right, dim: -softmax(-x, dim) * (
            dy - (softmax(-x, dim) * dy).sum()),
        "the last axis always": lambda x, dy, right, dim: right(x, dy, dim=-1),
    },
    "log_softmax": {
        "without the sum": lambda x, dy, right, dim: dy - softmax(x, dim) * dy,
        "of softmax": lambda x, dy, right, dim: softmax(x, dim) * (
            dy - (softmax(x, dim) * dy).sum(axis=dim, keepdims=True)),
        "share forgotten": lambda x, dy, right, dim: dy - dy.sum(axis=dim, keepdims=True),
        "p - y with the sum taken as 1": lambda x, dy, right, dim: dy - softmax(x, dim),
        "sum over everything": lambda x, dy, right, dim: dy - softmax(x, dim) * dy.sum(),
        "the last axis always": lambda x, dy, right, dim: right(x, dy, dim=-1),
    },
}  # fmt: skip


def layer(kind: str, mutant: Mutant) -> adapt.Functional:
    module = import_module(f"gradcheck.reference.{kind}")

    def right(x: Array, dy: Array, **config: Any) -> Any:
        return module.backward(dy, module.forward(x, **config)[1])

    def forward(x: Array, **config: Any) -> tuple[Array, Any]:
        return module.forward(x, **config)[0], (x, config)

    def backward(dy: Array, cache: Any) -> Array:
        x, config = cache
        with np.errstate(all="ignore"):
            return np.asarray(mutant(x, dy, right, **config), dtype=x.dtype)

    return adapt.functional(forward, backward, inputs=("x",), name=kind)


EVERY = [
    (kind, name, mutant)
    for kind, table in MUTANTS.items()
    for name, mutant in (table if "softm" in kind else {**COMMON, **table}).items()
]


@pytest.mark.parametrize(("kind", "name", "mutant"), EVERY, ids=[f"{k}: {n}" for k, n, _ in EVERY])
def test_a_wrong_derivative_fails(kind: str, name: str, mutant: Mutant) -> None:
    report = gradcheck.check_layer(kind, layer(kind, mutant))
    assert gradcheck.Verdict.FAIL is report.verdict, f"{name}\n{report}"
    assert report.failures[0].reproduce


@pytest.mark.parametrize("kind", MUTANTS)
def test_the_unharmed_twin_passes(kind: str) -> None:
    unharmed = layer(kind, lambda x, dy, right, **config: right(x, dy, **config))
    gradcheck.check_layer(kind, unharmed, examples=10).raise_for_verdict()


def test_every_kind_has_five_mutants_of_its_own() -> None:
    assert all(len(table) >= 5 for table in MUTANTS.values())
