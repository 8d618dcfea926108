"""Columns: the windows of images as the columns of a matrix (im2col), and the adjoint (col2im).

For images (N, C, ...) in g groups of channels, column p of the matrix (K, P) of a group holds the
entries (c, i, j, ...) that window p reads: K is C / g times the entries of a kernel, P the number
of windows. Adding the columns back to where they came from is the transpose of taking them.

Text A of the worked examples.
"""

from __future__ import annotations

import math

from ._geometry import Geometry
from ._types import Array
from ._windows import fold, windows


def im2col(x: Array, geometry: Geometry, groups: int = 1) -> Array:
    """Lay the windows of images (N, C, ...) out as columns (N, g, K, P)."""
    n, channels = x.shape[:2]
    rows = channels // groups * math.prod(geometry.kernel)
    return windows(x, geometry).reshape(n, groups, rows, math.prod(geometry.out))


def col2im(columns: Array, geometry: Geometry) -> Array:
    """Add columns (N, g, K, P) up to images (N, C, ...)."""
    n, groups, k, _ = columns.shape
    channels = groups * k // math.prod(geometry.kernel)
    return fold(columns.reshape(n, channels, *geometry.kernel, *geometry.out), geometry)


def kernel_rows(weight: Array, groups: int) -> Array:
    """Lay kernels (O, C, ...) out as rows (g, O/g, K)."""
    rows = len(weight) // groups
    return weight.reshape(groups, rows, math.prod(weight.shape[1:]))
