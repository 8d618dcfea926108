"""Power-average pooling along any number of axes: the p-norm of each window.

Powers are taken and summed in float64, for those of float16 and float32 overflow early.
"""

from __future__ import annotations

from functools import reduce
from math import isfinite
from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_images
from ._geometry import Axis, Geometry, slide
from ._types import Array, Indices, IntOrTuple
from ._window_sums import spread, sums


class Cache(NamedTuple):
    """What ``backward`` needs: x and y in float64, p, F for each window, the windows, the dtype."""

    x: Array
    y: Array
    p: float
    factor: Array
    geometry: Geometry
    dtype: np.dtype[np.floating]


def forward(
    layer: str,
    x: Array,
    *,
    axes: int,
    norm_type: float,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    ceil_mode: bool,
) -> tuple[Array, Cache]:
    """Take the p-norm of each window of images (N, C, ...) with ``axes`` axes."""
    check_images(layer, x, axes)
    if not (isfinite(norm_type) and norm_type > 0):
        raise ValueError(
            f"{layer}: norm_type={norm_type!r} is no power to take a root of: take one above 0, "
            f"or the max_pool{axes}d of |x| for the norm at infinity"
        )
    geometry = slide(
        layer,
        x.shape[2:],
        kernel_size=kernel_size,
        stride=kernel_size if stride is None else stride,
        padding=0,
        ceil_mode=ceil_mode,
    )
    wide, p, factor = x.astype(np.float64), float(norm_type), _factor(geometry)
    with np.errstate(all="ignore"):  # a root of what is negative is NaN, as in torch
        y = (sums(wide**p, geometry) * factor) ** (1 / p)
        return y.astype(x.dtype), Cache(wide, y, p, factor, geometry, x.dtype)


def backward(layer: str, dy: Array, cache: Cache) -> Array:
    """Pull each window's cotangent back through its root, then through the powers."""
    x, y, p, factor, geometry, dtype = cache
    check_cotangent(layer, dy, y.shape, dtype)
    with np.errstate(all="ignore"):
        root = np.where((y == 0) & (p != 1), 0, factor * y ** (1 - p))
        dx: Array = (x ** (p - 1) * spread(dy * root, geometry)).astype(dtype)
    return dx


def _factor(geometry: Geometry) -> Array:
    """Return F: the size of the kernel over how much of the window lies on the image."""
    held: Indices = reduce(np.multiply.outer, [_held(axis) for axis in geometry.axes])
    factor: Array = np.prod(geometry.kernel) / held
    return factor


def _held(axis: Axis) -> Indices:
    start = np.arange(axis.out) * axis.stride
    return np.minimum(start + axis.kernel, axis.size) - start
