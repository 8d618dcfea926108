"""Average pooling along any number of axes: sums of windows, each divided by what it counts."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from ._checks import as_int, check_cotangent, check_images
from ._geometry import Axis, Geometry, check_pool_padding, slide
from ._types import Array, Indices, IntOrTuple
from ._window_sums import spread, sums


class Cache(NamedTuple):
    """What ``backward`` needs: the shape of the output, D for each window, the windows."""

    shape: tuple[int, ...]
    divisor: Array
    geometry: Geometry


def forward(
    layer: str,
    x: Array,
    *,
    axes: int,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: IntOrTuple,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None = None,
) -> tuple[Array, Cache]:
    """Take the mean of each window of images (N, C, ...) with ``axes`` axes."""
    check_images(layer, x, axes)
    geometry = slide(
        layer,
        x.shape[2:],
        kernel_size=kernel_size,
        stride=kernel_size if stride is None else stride,
        padding=padding,
        ceil_mode=ceil_mode,
    )
    check_pool_padding(layer, geometry)
    if divisor_override is None:
        divisor = _counts(geometry, count_include_pad)
    else:
        divisor = np.full(geometry.out, _nonzero(layer, divisor_override))
    cache = Cache(x.shape[:2] + geometry.out, divisor.astype(x.dtype), geometry)
    return sums(x, geometry) / cache.divisor, cache


def backward(layer: str, dy: Array, cache: Cache) -> Array:
    """Spread each window's cotangent evenly over its entries."""
    shape, divisor, geometry = cache
    check_cotangent(layer, dy, shape, divisor.dtype)
    return spread(dy / divisor, geometry)


def _counts(geometry: Geometry, count_include_pad: bool) -> Indices:
    """Count the entries of each window, the product of its counts along the axes."""
    along = [_counted(axis, count_include_pad) for axis in geometry.axes]
    counts: Indices = reduce(np.multiply.outer, along)
    return counts


def _counted(axis: Axis, count_include_pad: bool) -> Indices:
    ring = axis.before if count_include_pad else 0
    start = np.arange(axis.out) * axis.stride - axis.before
    return np.minimum(start + axis.kernel, axis.size + ring) - np.maximum(start, -ring)


def _nonzero(layer: str, divisor: int) -> int:
    if as_int(layer, "divisor_override", divisor) == 0:
        raise ValueError(
            f"{layer}: divisor_override=0 divides by zero: give another int, or None to divide "
            f"by the number of entries"
        )
    return divisor
