"""Correlation: the three products that convolution and its transpose are made of.

With the windows of images x as the columns of a matrix X (K, P), the kernels as the rows of a
matrix W (O/g, K) and each group of channels by itself,

    correlate        Y  = W X
    scatter          X' = W^T Y, added up to images by col2im
    kernel_gradient  W' = Y X^T, summed over the batch

Each map is linear in both arguments, and its gradients are the other two: a convolution correlates
forwards and scatters backwards, a transposed one scatters forwards and correlates backwards.

X is k_h k_w times as large as x. So it is made whole only where it is small: `blocks` lays out as
many windows at a time as stay in the processor's cache, where copying them costs little beside the
product.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from ._columns import col2im, im2col, kernel_rows
from ._geometry import Geometry
from ._types import Array, Index
from ._windows import windows

ENTRIES = 1 << 19
"""Entries of X at a time: 2 MiB in float32."""

ALL = slice(None)

ADDED = 4
"""What adding a column back up costs, in columns laid out."""


def correlate(x: Array, weight: Array, geometry: Geometry, groups: int) -> Array:
    """Return Y = W X: the correlation of images (N, C, ...) with kernels (O, C/g, ...)."""
    rows = kernel_rows(weight, groups)
    y = np.empty((len(x), *rows.shape[:2], prod(geometry.out)), x.dtype)
    for samples, places, columns in blocks(x, geometry, groups):
        np.matmul(rows, columns, out=y[samples, :, :, places])
    return y.reshape(len(x), len(weight), *geometry.out)


def kernel_gradient(x: Array, y: Array, geometry: Geometry, groups: int) -> Array:
    """Return W' = Y X^T for images x and y, of shape (O, C/g, ...)."""
    n, outputs = y.shape[:2]
    y = y.reshape(n, groups, outputs // groups, prod(geometry.out))
    entries = x.shape[1] // groups * prod(geometry.kernel)
    rows = np.zeros((groups, outputs // groups, entries), x.dtype)
    for samples, places, columns in blocks(x, geometry, groups):
        for product in y[samples, :, :, places] @ columns.swapaxes(2, 3):
            rows += product
    return rows.reshape(outputs, x.shape[1] // groups, *geometry.kernel)


def scatter(y: Array, weight: Array, geometry: Geometry, groups: int) -> Array:
    """Return the images that W^T Y, for images y, adds up to.

    Where windows lie side by side this is itself a correlation, of y with the kernels rotated by
    180 degrees (text B3 of the worked examples), and laying windows out costs less than adding
    them up.
    """
    outputs, channels = len(weight) // groups, weight.shape[1]
    if _turns(geometry) and outputs <= ADDED * channels:
        return correlate(y, rotated(weight, groups), geometry.turned, groups)
    n, places = len(y), prod(geometry.out)
    y = y.reshape(n, groups, outputs, places)
    rows = kernel_rows(weight, groups).swapaxes(1, 2)
    x = np.empty((n, groups * channels, *geometry.size), y.dtype)
    for samples in _steps(n, prod(rows.shape[:2]) * places):
        x[samples] = col2im(rows @ y[samples], geometry)
    return x


def rotated(weight: Array, groups: int) -> Array:
    """Return the kernels (C, O/g, ...) from outputs to inputs, rotated by 180 degrees."""
    outputs, channels, *kernel = weight.shape
    crossed = weight.reshape(groups, outputs // groups, channels, *kernel).swapaxes(1, 2)
    turned = np.flip(crossed, axis=tuple(range(3, crossed.ndim)))
    return turned.reshape(groups * channels, outputs // groups, *kernel)


def blocks(x: Array, geometry: Geometry, groups: int) -> Iterator[tuple[slice, slice, Array]]:
    """Lay the windows of images out as columns, some at a time.

    Yields
    ------
    samples, places : slice
        Whose windows, and which of them.
    columns : array of shape (samples, g, K, places)
    """
    entries = x.shape[1] * prod(geometry.kernel)
    places, behind = prod(geometry.out), prod(geometry.out[1:])
    if len(x) * entries * places <= ENTRIES:
        yield ALL, ALL, im2col(x, geometry, groups)
        return
    # New memory costs as much as the copying, so every block is laid out in the same.
    most = min(len(x) * entries * places, max(ENTRIES, entries * behind))
    room = np.empty(0 if _lies(geometry) else most, x.dtype)
    for samples in _steps(len(x), entries * places):
        taken = windows(x[samples], geometry)
        for rows in _steps(geometry.out[0], entries * behind):
            here: Index = (..., rows, *(slice(None),) * (len(geometry.out) - 1))
            block = taken[here]
            if room.size:
                block = room[: block.size].reshape(block.shape)
                block[...] = taken[here]
            columns = block.reshape(len(block), groups, entries // groups, -1)
            yield samples, slice(rows.start * behind, rows.stop * behind), columns


def _lies(geometry: Geometry) -> bool:
    """Tell whether the images themselves are the columns: for kernels of one entry."""
    return prod(geometry.kernel) == 1 and all(axis.stride == 1 for axis in geometry.axes)


def _steps(count: int, size: int) -> Iterator[slice]:
    """Cut ``count`` things of ``size`` entries into steps of `ENTRIES` at most, or of one."""
    step = max(ENTRIES // size, 1)
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def _turns(geometry: Geometry) -> bool:
    """Tell whether windows lie side by side, and none of them in the padding alone."""
    return all(
        axis.stride == 1 and max(axis.before, axis.after) < axis.reach for axis in geometry.axes
    )
