"""Errors that a cotangent of ones, or the output itself, cannot see; and a kernel of one pixel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradcheck.reference import conv2d

import gradcheck
from gradcheck import Verdict, adapt

Array = np.ndarray[Any, Any]
X = np.random.default_rng(0).standard_normal((4, 6))


def softmax(x: Array) -> Array:
    z = np.exp(x - x.max(axis=-1, keepdims=True))
    y: Array = z / z.sum(axis=-1, keepdims=True)
    return y


def normalised(x: Array) -> Array:
    y: Array = (x - x.mean(axis=0)) / x.std(axis=0)
    return y


def softmax_vjp(dy: Array, x: Array) -> Array:
    y = softmax(x)
    dx: Array = y * (dy - (dy * y).sum(axis=-1, keepdims=True))
    return dx


def normalised_vjp(dy: Array, x: Array) -> Array:
    y = normalised(x)
    dx: Array = (dy - dy.mean(axis=0) - y * (dy * y).mean(axis=0)) / x.std(axis=0)
    return dx


def verdict(forward: Callable[[Array], Array], vjp: Callable[[Array, Array], Array]) -> Verdict:
    return gradcheck.check(adapt.functional(lambda x: (forward(x), x), vjp), x=X).verdict


@pytest.mark.parametrize("factor", [-1.0, 100.0, 0.0])
@pytest.mark.parametrize(("forward", "vjp"), [(softmax, softmax_vjp), (normalised, normalised_vjp)])
def test_ones_see_nothing_of_a_softmax_or_a_batch_norm(
    forward: Callable[[Array], Array], vjp: Callable[[Array, Array], Array], factor: float
) -> None:
    true = np.abs(vjp(np.ones_like(X), X)).max()
    assert true <= 100 * np.spacing(1.0)  # zero but for rounding, and so is every multiple
    assert verdict(forward, lambda dy, x: factor * vjp(dy, x)) is Verdict.FAIL
    assert verdict(forward, vjp) is Verdict.PASS


def test_the_output_as_cotangent_does_not_see_a_mask_that_is_missing() -> None:
    y = np.maximum(X, 0)
    assert np.array_equal(y, y * (X > 0))  # what the forgotten mask would have changed
    assert verdict(lambda x: np.maximum(x, 0), lambda dy, x: dy) is Verdict.FAIL
    assert verdict(lambda x: np.maximum(x, 0), lambda dy, x: dy * (x > 0)) is Verdict.PASS


def unrotated(dy: Array, cache: Any) -> Any:
    flipped = np.ascontiguousarray(cache.weight[:, :, ::-1, ::-1])
    return conv2d.backward(dy, cache._replace(weight=flipped))[0], *conv2d.backward(dy, cache)[1:]


def swapped(dy: Array, cache: Any) -> Any:
    dx, dweight, dbias = conv2d.backward(dy, cache)
    return dx, np.ascontiguousarray(dweight.swapaxes(2, 3)).reshape(dweight.shape), dbias


def unsummed(dy: Array, cache: Any) -> Any:
    dx, dweight, dbias = conv2d.backward(dy, cache)
    return dx, dweight, None if dbias is None else dy[-1].sum(axis=(1, 2))


def averaged(dy: Array, cache: Any) -> Any:
    dx, dweight, dbias = conv2d.backward(dy, cache)
    return dx, dweight / dy.dtype.type(len(dy)), dbias


def floored(dy: Array, cache: Any) -> Any:
    """Take every size for one that the stride divides: the last windows are forgotten."""
    rows = cache.geometry.axes[0]
    inexact = (rows.size + 2 * rows.before - rows.reach) % rows.stride
    kept = dy.copy()
    if inexact:
        kept[:, :, -1] = 0
    return conv2d.backward(kept, cache)


BUGS = {f.__name__: f for f in (unrotated, swapped, unsummed, averaged, floored)}


@pytest.mark.parametrize("bug", BUGS)
def test_a_kernel_of_one_pixel_hides_what_the_drawn_configurations_show(bug: str) -> None:
    layer = adapt.functional(conv2d.forward, BUGS[bug], inputs=("x", "weight", "bias"))
    rng = np.random.default_rng(0)
    x, weight, bias = (rng.standard_normal(s) for s in ((1, 1, 4, 4), (1, 1, 1, 1), (1,)))
    assert gradcheck.check(layer, x=x, weight=weight, bias=bias).verdict is Verdict.PASS
    assert gradcheck.check_layer("conv2d", layer).verdict is Verdict.FAIL
