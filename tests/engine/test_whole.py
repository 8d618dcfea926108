"""Where a line sees too little of a gradient, small cases are seen entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gradcheck
from gradcheck import Verdict, adapt, bounds
from gradcheck.case import Case
from gradcheck.checks import certified, whole
from gradcheck.finding import Evidence
from gradcheck.trial import Trial

Array = npt.NDArray[Any]


def layer_norm(error: float = 0.0) -> adapt.Functional:
    """Return rows of mean 0 and variance 1, with an error in one entry of the gradient."""

    def forward(x: Array) -> tuple[Array, Any]:
        centred = x - x.mean(-1, keepdims=True)
        inverse = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + x.dtype.type(1e-5))
        return centred * inverse, (centred * inverse, inverse)

    def backward(dy: Array, cache: Any) -> Array:
        y, inverse = cache
        along = (dy * y).mean(-1, keepdims=True)
        dx: Array = inverse * (dy - dy.mean(-1, keepdims=True) - y * along)
        dx[2, 7] += error * dy[2, 7]
        return dx

    return adapt.functional(forward, backward, inputs=("x",))


def largest(x: Array) -> tuple[Array, Array]:
    return x.max(axis=1), x


def to_the_first(dy: Array, x: Array) -> Array:
    top = x == x.max(axis=1, keepdims=True)
    return np.where(top & (np.cumsum(top, axis=1) == 1), dy[:, None], dy.dtype.type(0))


def point(*shape: int) -> Array:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def seen(x: Array) -> Any:
    """Return the smallest error that the differences would show, in the dtype of x."""
    case = Case(shapes={"x": x.shape}, given={"x": x}, dtype=str(x.dtype))
    trial = Trial(layer_norm(), case)
    (found,) = (f for f in certified.check(trial) if isinstance(f, Evidence))
    return found.power


def test_a_gradient_is_seen_entry_by_entry_where_a_line_sees_too_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = point(4, 30)
    assert seen(x) <= bounds.weakest_sight("float32")
    monkeypatch.setattr(whole, "WORK", 0)
    assert seen(x) > bounds.weakest_sight("float32")


def test_what_is_too_large_for_that_stays_open() -> None:
    assert gradcheck.check(layer_norm(), x=point(20, 50)).verdict is Verdict.INCONCLUSIVE


def test_an_error_in_an_entry_is_named() -> None:
    failure = gradcheck.check(layer_norm(1e-2), x=point(4, 30)).failures[0]
    assert failure.discrepancy is not None
    assert failure.discrepancy.index == (2, 7)


def test_beside_an_oracle_it_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(trial: Trial, name: str, turn: int) -> None:
        raise AssertionError

    monkeypatch.setattr(whole, "gradient", forbidden)
    report = gradcheck.check(layer_norm(), x=point(4, 30), against=layer_norm())
    assert report.verdict is Verdict.PASS


def test_what_lies_near_a_kink_stays_aside() -> None:
    x = point(4, 30)
    x[1, 3] = x[1, 11] = x.max() + 1
    layer = adapt.functional(largest, to_the_first, inputs=("x",))
    assert gradcheck.check(layer, x=x).verdict is Verdict.PASS
