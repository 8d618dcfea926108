"""Adaptive max pooling along any number of axes: maxima, and where in the plane they lie.

A window is a box, so its maximum is the maximum along columns of the maxima along rows. The last
axis goes first, so that of equal maxima the first in row-major order is taken: the first column of
a row, then the first row.
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from ._adaptive import Windows, fit, one
from ._checks import check_cotangent
from ._places import scatter
from ._spans import along
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
    size, dtype = x.shape[2:], x.dtype
    indices = np.arange(prod(size)).reshape(1, 1, *size)
    for number in reversed(range(axes)):
        x, indices = _maxima(x, indices, number, windows[number])
    return x, Cache(indices, size, dtype)


def backward(layer: str, dy: Array, cache: Cache) -> Array:
    """Send each window's cotangent to the entry that it chose."""
    check_cotangent(layer, dy, cache.indices.shape, cache.dtype)
    return scatter(dy, cache.indices, cache.size)


def _maxima(x: Array, indices: Indices, number: int, windows: Windows) -> tuple[Array, Indices]:
    """Return the maxima along one axis of ``x``, whose entries lie at ``indices``, and theirs."""
    shape = (*x.shape[: 2 + number], len(windows), *x.shape[3 + number :])
    best, places = np.empty(shape, x.dtype), np.empty(shape, np.intp)
    indices = np.broadcast_to(indices, x.shape)
    for o, window in enumerate(windows):
        entries, there = x[along(number, window)], along(number, one(o))
        first = _first(entries, 2 + number)
        best[there] = np.take_along_axis(entries, first, 2 + number)
        places[there] = np.take_along_axis(indices[along(number, window)], first, 2 + number)
    return best, places


def _first(x: Array, axis: int) -> Indices:
    """Return the place of the first maximum along an axis, or as torch does of the last NaN."""
    first: Indices = x.argmax(axis=axis, keepdims=True)
    nan = np.isnan(np.take_along_axis(x, first, axis))  # argmax takes the first NaN, if any
    if nan.any():
        last = x.shape[axis] - 1 - np.isnan(np.flip(x, axis)).argmax(axis=axis, keepdims=True)
        first = np.where(nan, last, first)
    return first
