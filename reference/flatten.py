"""Flattening: axes from ``start_dim`` to ``end_dim`` become one.

    y  = x, reshaped from (..., n_start, ..., n_end, ...) to (..., n_start * ... * n_end, ...)
    dx = dy, reshaped to the shape of x

Entries keep their order, the last axis running fastest; the default keeps the batch. The map only
renames places, so its transpose is its inverse.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

from ._checks import as_int, check_cotangent, check_floating
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: both shapes, and the dtype."""

    shape: tuple[int, ...]
    flat: tuple[int, ...]
    dtype: np.dtype[np.floating]


def forward(x: Array, *, start_dim: int = 1, end_dim: int = -1) -> tuple[Array, Cache]:
    """Make one axis of several.

    Parameters
    ----------
    x : array
        Input.
    start_dim, end_dim : int
        First and last of the axes; a number below 0 counts from the end.

    Returns
    -------
    y : array
        Output, with memory of its own.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If ``x`` is not an array of floating point, or has no such axes in that order.
    """
    check_floating("flatten", "x", x)
    start, end = _axis(x, "start_dim", start_dim), _axis(x, "end_dim", end_dim)
    if start > end:
        raise ValueError(
            f"flatten: start_dim={start_dim} comes after end_dim={end_dim} in x of shape "
            f"{x.shape}: give the first axis first"
        )
    flat = (*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :])
    return x.reshape(flat).copy(), Cache(x.shape, flat, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Give the cotangent the shape of the input.

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
    check_cotangent("flatten", dy, cache.flat, cache.dtype)
    return dy.reshape(cache.shape).copy()


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="flatten", inputs=("x",), forward=forward, backward=backward)


def _axis(x: Array, name: str, value: int) -> int:
    axis = as_int("flatten", name, value)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(
            f"flatten: {name}={value} is no axis of x, whose shape is {x.shape}: give a number "
            f"from {-x.ndim} to {x.ndim - 1}"
        )
    return axis % x.ndim
