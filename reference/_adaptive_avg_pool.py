"""Adaptive average pooling along any number of axes: sums of windows, each divided by its size.

A window is a box, so its sum is the sum along columns of the sums along rows.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ._adaptive import Windows, fit, lengths, one
from ._checks import check_cotangent
from ._spans import along
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the size of the input, the windows, how much each one holds."""

    shape: tuple[int, ...]
    windows: tuple[Windows, ...]
    divisor: Array


def forward(layer: str, x: Array, output_size: Any, *, axes: int) -> tuple[Array, Cache]:
    """Take the mean of each window of images (N, C, ...) with ``axes`` axes."""
    windows = fit(layer, x, output_size, axes)
    divisor = reduce(np.multiply.outer, [lengths(w) for w in windows]).astype(x.dtype)
    cache = Cache(x.shape, windows, divisor)
    for number in range(axes):
        x = _sums(x, number, windows[number])
    return x / divisor, cache


def backward(layer: str, dy: Array, cache: Cache) -> Array:
    """Spread each window's cotangent evenly over its entries."""
    shape, windows, divisor = cache
    check_cotangent(layer, dy, shape[:2] + divisor.shape, divisor.dtype)
    share: Array = dy / divisor
    for number in reversed(range(len(windows))):
        share = _spread(share, number, windows[number], shape[2 + number])
    return share


def _sums(x: Array, number: int, windows: Windows) -> Array:
    y = np.empty((*x.shape[: 2 + number], len(windows), *x.shape[3 + number :]), x.dtype)
    for o, window in enumerate(windows):
        x[along(number, window)].sum(axis=2 + number, keepdims=True, out=y[along(number, one(o))])
    return y


def _spread(w: Array, number: int, windows: Windows, size: int) -> Array:
    x = np.zeros((*w.shape[: 2 + number], size, *w.shape[3 + number :]), w.dtype)
    for o, window in enumerate(windows):
        x[along(number, window)] += w[along(number, one(o))]
    return x
