"""Windows of padded images as one array, and the adjoint map.

``windows`` (im2col before its matrix is laid out flat) takes the images apart,

    w[n, c, i, j, oh, ow] = x[n, c, oh sh - ph + i dh, ow sw - pw + j dw],

with 0 outside the image. It is linear in x, and ``fold`` (col2im) is its transpose: it adds every
entry of w back to the place that it came from,

    x[n, c, a, b] = sum of w[n, c, i, j, oh, ow] over all that read (a, b).
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ._geometry import Geometry
from ._types import Array, Pair


def windows(x: Array, geometry: Geometry) -> Array:
    """Return the windows of ``x``, a read-only view of shape (N, C, kh, kw, OH, OW)."""
    (sh, sw), (dh, dw), (oh, ow) = geometry.stride, geometry.dilation, geometry.out
    every = sliding_window_view(_pad(x, geometry), geometry.reach, axis=(2, 3))
    kept = every[:, :, ::sh, ::sw, ::dh, ::dw][:, :, :oh, :ow]
    return kept.transpose(0, 1, 4, 5, 2, 3)


def fold(w: Array, geometry: Geometry) -> Array:
    """Add the windows ``w`` of shape (N, C, kh, kw, OH, OW) up to images (N, C, H, W)."""
    (ph, pw), (height, width) = geometry.padding, geometry.size
    padded = np.zeros(w.shape[:2] + _padded_size(geometry), w.dtype)
    # One kernel offset at a time: its places differ from window to window, so a plain += is safe.
    for i, rows in enumerate(_places(geometry, 0)):
        for j, columns in enumerate(_places(geometry, 1)):
            padded[:, :, rows, columns] += w[:, :, i, j]
    return padded[:, :, ph : ph + height, pw : pw + width]


def _pad(x: Array, geometry: Geometry) -> Array:
    size = _padded_size(geometry)
    if size == x.shape[2:]:
        return x
    (ph, pw), (height, width) = geometry.padding, geometry.size
    padded = np.zeros(x.shape[:2] + size, x.dtype)  # np.pad takes over ten times as long
    padded[:, :, ph : ph + height, pw : pw + width] = x
    return padded


def _padded_size(geometry: Geometry) -> Pair:
    """Return a size with room for the image behind its padding, and for the last window."""
    rows, columns = (
        max(padding + size, (out - 1) * stride + reach)
        for size, padding, out, stride, reach in zip(
            geometry.size,
            geometry.padding,
            geometry.out,
            geometry.stride,
            geometry.reach,
            strict=True,
        )
    )
    return rows, columns


def _places(geometry: Geometry, axis: int) -> list[slice]:
    """Return, for each offset in the kernel, its places in all windows along one axis."""
    stride, dilation = geometry.stride[axis], geometry.dilation[axis]
    span = (geometry.out[axis] - 1) * stride + 1
    return [slice(i * dilation, i * dilation + span, stride) for i in range(geometry.kernel[axis])]
