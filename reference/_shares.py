"""Softmax: the shares of exp(x) along one axis, and the way back.

    y  = exp(x) / sum of exp(x)
    dx = y (d - sum of y d),    d = dy - dy of the largest share

The largest entry is taken off first: it changes nothing but keeps exp from overflowing. Nor does it
change anything to take one cotangent off all, since shares add to 1, but where the largest is all
but 1 what is left of dx does not hang on its rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import as_axis, check_cotangent, check_floating
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the output, and the axis."""

    y: Array
    axis: int


def forward(layer: str, x: Array, dim: int) -> tuple[Array, Cache]:
    """Return the shares, and the cache."""
    check_floating(layer, "x", x)
    axis = as_axis(layer, "dim", dim, x.ndim)
    e = np.exp(x - np.max(x, axis=axis, keepdims=True, initial=-np.inf))
    y = e / np.sum(e, axis=axis, keepdims=True)
    return y, Cache(y.copy(), axis)  # y is the caller's to write to


def backward(layer: str, dy: Array, cache: Cache) -> Array:
    """Return y (d - sum of y d)."""
    y, axis = cache
    check_cotangent(layer, dy, y.shape, y.dtype)
    if y.size == 0:
        return dy.copy()
    largest = np.argmax(y, axis=axis, keepdims=True)
    apart = dy - np.take_along_axis(dy, largest, axis)
    return np.asarray(y * (apart - np.sum(y * apart, axis=axis, keepdims=True)))
