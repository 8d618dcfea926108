"""Adaptive max pooling along any number of axes: maxima, and where in the plane they lie.

Windows are few, as many as were asked for, and hold many places: each is laid out flat by itself,
row after row, so that the first of equal maxima is the first in row-major order.
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from ._adaptive import fit
from ._checks import check_cotangent
from ._places import scatter
from ._types import Array, Indices


class Cache(NamedTuple):
    """What ``backward`` needs: where each maximum lies, the size of the images, the dtype.

    Attributes
    ----------
    indices : Indices
        Places in planes laid out flat, those that torch returns with ``return_indices=True``.
    """

    indices: Indices
    size: tuple[int, ...]
    dtype: np.dtype[np.floating]


def forward(layer: str, x: Array, output_size: Any, *, axes: int) -> tuple[Array, Cache]:
    """Take the largest entry of each window of images (N, C, ...) with ``axes`` axes."""
    windows = fit(layer, x, output_size, axes)
    size, shape = x.shape[2:], (*x.shape[:2], *map(len, windows))
    places = np.arange(prod(size)).reshape(size)
    indices = np.empty(shape, np.intp)
    for window in np.ndindex(*shape[2:]):
        box = (..., *(along[o] for along, o in zip(windows, window, strict=True)))
        own = places[box].reshape(-1)
        indices[(..., *window)] = own[_first(x[box].reshape(*shape[:2], own.size))]
    flat = indices.reshape(*shape[:2], prod(shape[2:]))
    maxima = np.take_along_axis(x.reshape(*shape[:2], prod(size)), flat, 2)
    return maxima.reshape(shape), Cache(indices, size, x.dtype)


def backward(layer: str, dy: Array, cache: Cache) -> Array:
    """Send each window's cotangent to the entry that it chose."""
    check_cotangent(layer, dy, cache.indices.shape, cache.dtype)
    return scatter(dy, cache.indices, cache.size)


def _first(x: Array) -> Indices:
    """Return the place of the first maximum along the last axis, as in torch of the last NaN."""
    first: Indices = x.argmax(axis=-1)
    nan = np.isnan(x)
    if nan.any():
        last = x.shape[-1] - 1 - np.flip(nan, -1).argmax(axis=-1)
        first = np.where(nan.any(axis=-1), last, first)
    return first
