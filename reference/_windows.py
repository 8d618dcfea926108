"""Windows of padded images as one array, and the adjoint map.

``windows`` (im2col before its matrix is laid out flat) takes the images apart; in two dimensions

    w[n, c, i, j, oh, ow] = x[n, c, oh sh - ph + i dh, ow sw - pw + j dw],

with 0 outside the image. It is linear in x, and ``fold`` (col2im) is its transpose: it adds every
entry of w back to the place that it came from,

    x[n, c, a, b] = sum of w[n, c, i, j, oh, ow] over all that read (a, b).

In one and three dimensions the same holds with one and three axes for two.
"""

from __future__ import annotations

from operator import mul

import numpy as np

from ._geometry import Axis, Geometry
from ._types import Array, Index


def windows(x: Array, geometry: Geometry) -> Array:
    """Return the windows of ``x``, a read-only view of shape (N, C, kh, kw, OH, OW)."""
    padded = _pad(x, geometry)
    batch, steps = padded.strides[:2], padded.strides[2:]
    inside, between = map(mul, steps, geometry.dilation), map(mul, steps, geometry.stride)
    # sliding_window_view says the same in three steps, and takes longer than a small product.
    view: Array = np.ndarray(
        (*padded.shape[:2], *geometry.kernel, *geometry.out),
        padded.dtype,
        padded,
        strides=(*batch, *inside, *between),
    )
    view.flags.writeable = False
    return view


def fold(w: Array, geometry: Geometry) -> Array:
    """Add the windows ``w`` of shape (N, C, kh, kw, OH, OW) up to images (N, C, H, W).

    One axis at a time: (kw, OW) to columns for every (kh, OH), then (kh, OH) to rows.
    """
    for done, axis in enumerate(reversed(geometry.axes)):
        w = _fold_last(w, axis, kernels=len(geometry.axes) - done, done=done)
    image: Index = (..., *geometry.image)
    return w[image]


def _fold_last(w: Array, axis: Axis, *, kernels: int, done: int) -> Array:
    """Add up the last of the ``kernels`` kernel axes with its axis of windows.

    ``done`` axes behind that one have been added up already.
    """
    before: Index = (slice(None),) * (1 + kernels)
    behind: Index = (slice(None),) * done
    kept = w.shape[: 1 + kernels] + w.shape[2 + kernels :]
    out = len(kept) - 1 - done
    padded = np.zeros((*kept[:out], axis.padded, *kept[out + 1 :]), w.dtype)
    # One entry of the kernel at a time: its places differ from window to window, so a plain +=
    # is safe.
    for i, place in enumerate(axis.places):
        there: Index = (..., place, *behind)
        here: Index = (*before, i)
        target = padded[there]
        target += w[here]  # padded[there] += w[here] would write the sum twice
    return padded


def _pad(x: Array, geometry: Geometry) -> Array:
    if geometry.padded == x.shape[2:]:
        return np.ascontiguousarray(x)
    padded = np.zeros(x.shape[:2] + geometry.padded, x.dtype)  # np.pad takes ten times as long
    image: Index = (..., *geometry.image)
    padded[image] = x
    return padded
