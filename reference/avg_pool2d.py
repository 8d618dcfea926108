"""Average pooling.

For x of shape (N, C, H, W), 0 outside the image, and windows as in `conv2d`,

    y[n, c, a, b]  = (sum over i, j of x[n, c, a sh - ph + i, b sw - pw + j]) / D[a, b]
    dx[n, c, r, s] = sum of dy[n, c, a, b] / D[a, b] over the windows (a, b) that hold (r, s).

The divisor D counts the entries of the window that lie on the image, with ``count_include_pad``
those in its padding as well, but never those past the padding, where ``ceil_mode`` lets the last
window hang over. ``divisor_override`` replaces it.

Worked examples C3 and E4 (each value is spread evenly).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import as_int, check_cotangent, check_images
from ._geometry import Axis, Geometry, check_pool_padding, slide
from ._layer import Layer
from ._types import Array, Indices, IntOrTuple
from ._windows import fold, windows


class Cache(NamedTuple):
    """What ``backward`` needs: the shape of the output, D of shape (OH, OW), the windows."""

    shape: tuple[int, ...]
    divisor: Array
    geometry: Geometry


def forward(
    x: Array,
    *,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None = None,
    padding: IntOrTuple = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[Array, Cache]:
    """Take the mean of each window.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        Images.
    kernel_size : int or pair of ints
        Size of a window.
    stride : int or pair of ints, optional
        Step between windows; by default ``kernel_size``.
    padding : int or pair of ints
        Ring of zeros, at most half as wide as a window.
    ceil_mode : bool
        Keep a last window that hangs over the far edge.
    count_include_pad : bool
        Whether the divisor counts padding.
    divisor_override : int, optional
        Divisor of every window.

    Returns
    -------
    y : array of shape (N, C, OH, OW)
        Means.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    check_images("avg_pool2d", x)
    geometry = slide(
        "avg_pool2d",
        x.shape[2:],
        kernel_size=kernel_size,
        stride=kernel_size if stride is None else stride,
        padding=padding,
        ceil_mode=ceil_mode,
    )
    check_pool_padding("avg_pool2d", geometry)
    if divisor_override is None:
        divisor = _counts(geometry, count_include_pad)
    else:
        divisor = np.full(geometry.out, _nonzero(divisor_override))
    cache = Cache(x.shape[:2] + geometry.out, divisor.astype(x.dtype), geometry)
    return windows(x, geometry).sum(axis=(2, 3)) / cache.divisor, cache


def backward(dy: Array, cache: Cache) -> Array:
    """Spread each window's cotangent evenly over its entries.

    Parameters
    ----------
    dy : array of shape (N, C, OH, OW)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C, H, W)

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    shape, divisor, geometry = cache
    check_cotangent("avg_pool2d", dy, shape, divisor.dtype)
    share = (dy / divisor)[:, :, None, None]
    return fold(np.broadcast_to(share, shape[:2] + geometry.kernel + geometry.out), geometry)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="avg_pool2d", inputs=("x",), forward=forward, backward=backward)


def _counts(geometry: Geometry, count_include_pad: bool) -> Indices:
    """Count the entries of each window (OH, OW), by rows and by columns."""
    rows, columns = (_counted(axis, count_include_pad) for axis in geometry.axes)
    return np.outer(rows, columns)


def _counted(axis: Axis, count_include_pad: bool) -> Indices:
    ring = axis.before if count_include_pad else 0
    start = np.arange(axis.out) * axis.stride - axis.before
    return np.minimum(start + axis.kernel, axis.size + ring) - np.maximum(start, -ring)


def _nonzero(divisor: int) -> int:
    if as_int("avg_pool2d", "divisor_override", divisor) == 0:
        raise ValueError(
            "avg_pool2d: divisor_override=0 divides by zero: give another int, or None to divide "
            "by the number of entries"
        )
    return divisor
