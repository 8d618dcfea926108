"""Logarithm of the softmax.

Along one axis ``dim`` of x, of any shape,

    y  = x - log(sum of exp(x))
    dx = dy - exp(y) sum of dy

The largest entry is taken off first, as in `softmax`: an output never overflows, nor is it the
logarithm of 0. That entry's own exp is 1, and log(1 + the others) keeps the digits of an output
near 0. So does (1 - p) dy - p (sum of the others' dy) in its gradient, with p = exp(y), and 1 - p
from expm1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._checks import as_axis, check_cotangent, check_floating
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: the output, the axis, and where the largest entries lie along it."""

    y: Array
    axis: int
    largest: NDArray[np.intp]


def forward(x: Array, *, dim: int) -> tuple[Array, Cache]:
    """Return logarithms of shares that add to 1.

    Parameters
    ----------
    x : array
        Input, with at least one axis.
    dim : int
        The axis, counted from the front or, negative, from the back.

    Returns
    -------
    y : array, of the shape of ``x``
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If ``x`` is not an array of floating point or has no such axis.
    """
    check_floating("log_softmax", "x", x)
    axis = as_axis("log_softmax", "dim", dim, x.ndim)
    largest = np.argmax(x, axis=axis, keepdims=True)
    y = x - np.take_along_axis(x, largest, axis)
    others = np.exp(y)
    np.put_along_axis(others, largest, 0, axis)
    y -= np.log1p(np.sum(others, axis=axis, keepdims=True))
    others[...] = y  # a copy to keep, in room that there is: y is the caller's to write to
    return y, Cache(others, axis, largest)


def backward(dy: Array, cache: Cache) -> Array:
    """Return dy - exp(y) sum of dy.

    Parameters
    ----------
    dy : array
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array, of the shape of ``x``

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    y, axis, largest = cache
    check_cotangent("log_softmax", dy, y.shape, y.dtype)
    top, own = (np.take_along_axis(array, largest, axis) for array in (y, dy))
    dx = dy.copy()
    np.put_along_axis(dx, largest, 0, axis)
    rest = np.sum(dx, axis=axis, keepdims=True)
    np.exp(y, out=dx)
    dx *= -(own + rest)
    dx += dy
    np.put_along_axis(dx, largest, -np.expm1(top) * own - np.exp(top) * rest, axis)
    return dx


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="log_softmax", inputs=("x",), forward=forward, backward=backward)
