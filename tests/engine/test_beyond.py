"""Overflow: infinity is right where the dtype holds no larger number, and wrong elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradcheck import adapt, check
from gradcheck.case import Case
from gradcheck.checks import structure
from gradcheck.finding import Failure
from gradcheck.layer import Array
from gradcheck.report import LayerReport
from gradcheck.trial import Trial
from gradcheck.verdict import Verdict

BEYOND = [("float16", 100.0), ("float32", 100.0), ("float64", 1000.0)]


def exponential(factor: float = 1.0) -> Any:
    def forward(x: Array) -> tuple[Array, Array]:
        y = np.exp(x)
        return y, y

    def backward(dy: Array, y: Array) -> Array:
        return np.asarray(dy * y * y.dtype.type(factor))

    return adapt.functional(forward, backward, inputs=("x",))


def softmax(top: bool) -> Any:
    """Return a softmax, with its largest entry taken off or left in."""

    def forward(x: Array) -> tuple[Array, Array]:
        e = np.exp(x - x.max(axis=-1, keepdims=True) if top else x)
        y = e / e.sum(axis=-1, keepdims=True)
        return y, y

    def backward(dy: Array, y: Array) -> Array:
        return np.asarray(y * (dy - (dy * y).sum(axis=-1, keepdims=True)))

    return adapt.functional(forward, backward, inputs=("x",))


def log_sum_exp() -> Any:
    """Return a log-sum-exp that overflows where its value is small."""

    def backward(dy: Array, x: Array) -> Array:
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return np.asarray(dy[..., None] * e / e.sum(axis=-1, keepdims=True))

    return adapt.functional(lambda x: (np.log(np.exp(x).sum(axis=-1)), x), backward, inputs=("x",))


def product() -> Any:
    def backward(dy: Array, x: Array) -> Array:
        others = [np.prod(np.delete(x, i, -1), axis=-1) for i in range(x.shape[-1])]
        return np.asarray(dy[..., None] * np.stack(others, axis=-1))

    return adapt.functional(lambda x: (np.prod(x, axis=-1), x), backward, inputs=("x",))


def at(layer: Any, dtype: str, size: float) -> LayerReport:
    with np.errstate(all="ignore"):
        return check(layer, x=np.array([[size, 1.0, -0.5]], dtype))


@pytest.mark.parametrize(("dtype", "size"), BEYOND)
def test_a_right_layer_that_overflows_where_it_must_does_not_fail(dtype: str, size: float) -> None:
    report = at(exponential(), dtype, size)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert f"the point is beyond {dtype}" in report.reason


@pytest.mark.parametrize(("dtype", "size"), BEYOND[:2])
def test_a_wrong_one_fails_in_float64(dtype: str, size: float) -> None:
    report = at(exponential(1.01), dtype, size)
    assert report.verdict is Verdict.FAIL
    assert report.failures[0].check == "differences"


@pytest.mark.parametrize(("dtype", "size"), BEYOND)
def test_a_softmax_that_overflows_on_the_way_fails(dtype: str, size: float) -> None:
    assert "where a number is due" in at(softmax(top=False), dtype, size).reason
    assert at(softmax(top=True), dtype, size).verdict is not Verdict.FAIL


@pytest.mark.parametrize(("dtype", "size"), BEYOND[:2])
def test_an_infinity_where_a_small_number_is_due_fails(dtype: str, size: float) -> None:
    report = at(log_sum_exp(), dtype, size)
    assert report.verdict is Verdict.FAIL
    assert "output[0] is inf where a number is due" in report.reason


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_division_by_zero_in_the_backward_fails(dtype: str) -> None:
    def backward(dy: Array, x: Array) -> Array:
        return np.asarray(dy / np.where(x > 0, x - x, 1))

    layer = adapt.functional(lambda x: (np.log(np.abs(x)), x), backward, inputs=("x",))
    report = at(layer, dtype, 2.0)
    assert report.verdict is Verdict.FAIL
    assert "inf where a number is due" in report.reason


def linearity(layer: Any, seed: int, dtype: str = "float16") -> list[Failure]:
    x = (8 * np.random.default_rng(seed).standard_normal((3, 6))).astype(dtype)
    trial = Trial(layer, Case(shapes={"x": x.shape}, dtype=dtype, seed=seed, given={"x": x}))
    with np.errstate(all="ignore"):
        return [f for f in structure.check(trial) if isinstance(f, Failure)]


SUM_ALONE, ONE_PART, POINT = 65, 105, 13
"""Seeds of products in float16: what overflows there."""


@pytest.mark.parametrize("seed", [SUM_ALONE, ONE_PART, POINT])
def test_a_right_product_that_overflows_for_some_cotangents_is_linear(seed: int) -> None:
    assert linearity(product(), seed) == []


def test_a_backward_that_overflows_on_the_way_for_some_cotangents_fails() -> None:
    def backward(dy: Array, x: Array) -> Array:
        return np.asarray(dy * x.dtype.type(40_000) * x.dtype.type(1 / 40_000))

    layer = adapt.functional(lambda x: (x.copy(), x), backward, inputs=("x",))
    failure, *_ = linearity(layer, 0)
    assert "inf where a number is due" in failure.message
    assert linearity(layer, 0, "float32") == []


def test_what_is_not_linear_fails_beside_what_overflows() -> None:
    def backward(dy: Array, x: Array) -> Array:
        others = [np.prod(np.delete(x, i, -1), axis=-1) for i in range(x.shape[-1])]
        return np.asarray(np.clip(dy, -1, 1)[..., None] * np.stack(others, axis=-1))

    layer = adapt.functional(lambda x: (np.prod(x, axis=-1), x), backward, inputs=("x",))
    assert "not linear" in linearity(layer, SUM_ALONE)[0].message
