"""`check`: one point, no spec, no torch."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt

Array = np.ndarray[Any, Any]

X = np.linspace(-1.5, 1.5, 12).reshape(3, 4)


def sine(x: Array) -> tuple[Array, Array]:
    return np.sin(x), x


def cosine(dy: Array, x: Array) -> Array:
    return dy * np.cos(x)


def test_a_dtype_of_which_no_rounding_is_known_is_refused_in_words() -> None:
    layer = adapt.functional(lambda x: (x * x, x), lambda dy, x: 2 * x * dy, ("x",))
    with pytest.raises(ValueError, match="no rounding is known: pass one of float64"):
        gradcheck.check(layer, x=np.ones(3, np.longdouble))


def test_a_right_gradient_passes() -> None:
    report = gradcheck.check(adapt.functional(sine, cosine), x=X)
    report.raise_for_verdict()
    assert report.cases == 1
    assert report.certificate.bar is not None


@pytest.mark.parametrize("error", [1.0, 1e-3, 1e-8])
def test_one_wrong_entry_fails_and_is_named(error: float) -> None:
    def backward(dy: Array, x: Array) -> Array:
        dx = cosine(dy, x)
        dx[1, 2] *= 1 + error
        return dx

    report = gradcheck.check(adapt.functional(sine, backward), x=X)
    assert report.verdict is Verdict.FAIL
    discrepancy = report.failures[0].discrepancy
    assert discrepancy is not None
    assert discrepancy.index == (1, 2)


def test_a_config_reaches_the_layer() -> None:
    def scaled(x: Array, *, by: float) -> tuple[Array, float]:
        return by * x, by

    layer = adapt.functional(scaled, lambda dy, by: by * dy)
    assert gradcheck.check(layer, x=X, config={"by": 3.0}).verdict is Verdict.PASS


def test_an_absent_input_is_none() -> None:
    def affine(x: Array, weight: Array, bias: Array | None) -> tuple[Array, Any]:
        y = x @ weight
        return (y if bias is None else y + bias), (x, weight, bias)

    def backward(dy: Array, cache: Any) -> Any:
        x, weight, bias = cache
        return dy @ weight.T, x.T @ dy, None if bias is None else dy.sum(axis=0)

    layer = adapt.functional(affine, backward)
    weight = np.arange(8.0).reshape(4, 2) / 7
    for bias in (None, np.array([0.5, -1.0])):
        assert gradcheck.check(layer, x=X, weight=weight, bias=bias).verdict is Verdict.PASS


def test_float32_is_held_against_its_own_rounding() -> None:
    layer = adapt.functional(sine, cosine)
    assert gradcheck.check(layer, x=X.astype(np.float32)).verdict is Verdict.PASS


def test_a_second_implementation_finds_a_forward_that_its_backward_matches() -> None:
    def flipped(x: Array) -> tuple[Array, Array]:
        return -np.sin(x), x

    layer = adapt.functional(flipped, lambda dy, x: -cosine(dy, x))
    assert gradcheck.check(layer, x=X).verdict is Verdict.PASS
    assert gradcheck.check(layer, x=X, against=adapt.functional(sine, cosine)).verdict is (
        Verdict.FAIL
    )


def test_the_same_seed_gives_the_same_report() -> None:
    layer = adapt.functional(sine, cosine)
    first, second = (gradcheck.check(layer, x=X, seed=7).to_dict() for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


def test_an_unknown_input_is_named() -> None:
    with pytest.raises(ValueError, match="no input 'y'"):
        gradcheck.check(adapt.functional(sine, cosine), y=X)


def test_integers_are_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"x\.astype\(float\)"):
        gradcheck.check(adapt.functional(sine, cosine), x=np.arange(3))


def test_mixed_dtypes_are_refused() -> None:
    layer = adapt.functional(lambda x, weight: (x, None), lambda dy, cache: (dy, None))
    with pytest.raises(ValueError, match="one dtype"):
        gradcheck.check(layer, x=X, weight=X.astype(np.float32))


def test_no_input_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="x="):
        gradcheck.check(adapt.functional(sine, cosine))


def test_torch_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert gradcheck.check(adapt.functional(sine, cosine), x=X).verdict is Verdict.PASS


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, Verdict.PASS), (1 + 1e-6, Verdict.FAIL)])
def test_a_loss_is_a_number_without_axes(factor: float, verdict: Verdict) -> None:
    def loss(x: Array) -> tuple[Array, Array]:
        return np.asarray(np.mean(np.log1p(np.exp(x)))), x

    def backward(dy: Array, x: Array) -> Array:
        dx: Array = factor * dy / (1 + np.exp(-x)) / x.size
        return dx

    assert gradcheck.check(adapt.functional(loss, backward), x=X).verdict is verdict
