"""Softmin: the softmax of -x.

Along one axis ``dim`` of x, of any shape,

    y  = exp(-x) / sum of exp(-x)
    dx = -y (dy - sum of y dy)

The smallest entry is taken off first, as in `softmax`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import as_axis, check_cotangent, check_floating
from ._layer import Layer
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the output, and the axis."""

    y: Array
    axis: int


def forward(x: Array, *, dim: int) -> tuple[Array, Cache]:
    """Turn entries into shares, the largest for the smallest.

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
    check_floating("softmin", "x", x)
    axis = as_axis("softmin", "dim", dim, x.ndim)
    e = np.exp(np.min(x, axis=axis, keepdims=True, initial=np.inf) - x)
    y = e / np.sum(e, axis=axis, keepdims=True)
    return y, Cache(y.copy(), axis)  # y is the caller's to write to


def backward(dy: Array, cache: Cache) -> Array:
    """Return -y (dy - sum of y dy).

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
    y, axis = cache
    check_cotangent("softmin", dy, y.shape, y.dtype)
    return np.asarray(-y * (dy - np.sum(y * dy, axis=axis, keepdims=True)))


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="softmin", inputs=("x",), forward=forward, backward=backward)
