"""Max pooling.

For x of shape (N, C, H, W) and windows as in `conv2d`, one channel at a time,

    y[n, c, a, b]  = max over i, j of x[n, c, a sh - ph + i dh, b sw - pw + j dw]
    dx[n, c, r, s] = sum of dy[n, c, a, b] over the windows (a, b) whose maximum lies at (r, s).

Padding counts as minus infinity and is never chosen: entries off the image take no part. Of equal
maxima the first in row-major order has the whole gradient; of several NaN the last, as in torch. A
pixel that is the maximum of several overlapping windows has all their cotangents, summed. A dilated
window may step over a small image altogether: its maximum is minus infinity, and its cotangent goes
nowhere.

Goodfellow et al., Deep Learning, section 9.3; worked examples C3 and E4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_images
from ._geometry import Geometry, check_pool_padding, slide
from ._layer import Layer
from ._types import Array, Flags, Indices, IntOrTuple
from ._windows import fold, windows


class Cache(NamedTuple):
    """What ``backward`` needs: which entry i kw + j each window chose (-1: none), the windows."""

    chosen: Indices
    geometry: Geometry
    dtype: np.dtype[np.floating]


def forward(
    x: Array,
    *,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None = None,
    padding: IntOrTuple = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Cache]:
    """Take the largest entry of each window.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        Images.
    kernel_size : int or pair of ints
        Size of a window.
    stride : int or pair of ints, optional
        Step between windows; by default ``kernel_size``.
    padding : int or pair of ints
        Ring of minus infinity, at most half as wide as the kernel.
    dilation : int or pair of ints
        Step between the entries of a window.
    ceil_mode : bool
        Keep a last window that hangs over the far edge.

    Returns
    -------
    y : array of shape (N, C, OH, OW)
        Maxima.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    check_images("max_pool2d", x)
    geometry = slide(
        "max_pool2d",
        x.shape[2:],
        kernel_size=kernel_size,
        stride=kernel_size if stride is None else stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )
    check_pool_padding("max_pool2d", geometry)
    y, chosen = _choose(windows(x, geometry), _inside(geometry))
    return y, Cache(chosen, geometry, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Send each window's cotangent to the entry that it chose.

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
    chosen, geometry, dtype = cache
    check_cotangent("max_pool2d", dy, chosen.shape, dtype)
    entry = np.arange(geometry.kernel[0] * geometry.kernel[1])
    here = chosen[:, :, None, None] == entry.reshape(*geometry.kernel, 1, 1)
    return fold(np.where(here, dy[:, :, None, None], 0), geometry)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="max_pool2d", inputs=("x",), forward=forward, backward=backward)


def _choose(w: Array, inside: Flags) -> tuple[Array, Indices]:
    """Return the maximum over axes 2 and 3 of ``w``, and which entry it is."""
    best = np.full(w.shape[:2] + w.shape[4:], -np.inf, w.dtype)
    chosen = np.full(best.shape, -1, np.intp)
    for k, (i, j) in enumerate(np.ndindex(w.shape[2:4])):
        entry = w[:, :, i, j]
        # Strictly greater keeps the first of equals. The first entry on the image is taken
        # whatever it is, or a window of minus infinities would choose its padding.
        better = inside[i, j] & ((entry > best) | np.isnan(entry) | (chosen < 0))
        np.copyto(best, entry, where=better)
        np.copyto(chosen, k, where=better)
    return best, chosen


def _inside(geometry: Geometry) -> Flags:
    """Say which entries (kh, kw, OH, OW) of the windows lie on the image."""
    rows, columns = ((axis.positions >= 0) & (axis.positions < axis.size) for axis in geometry.axes)
    return rows[:, None, :, None] & columns[None, :, None, :]
