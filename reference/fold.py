"""Fold: columns added up to images (col2im), the transpose of `unfold`.

For x of shape (N, C kh kw, OH OW), row ``(c kh + i) kw + j`` of column ``a OW + b`` is added at the
place that window (a, b) of an image of ``output_size`` reads as its entry (i, j):

    y[n, c, r, s] = sum of x[n, (c, i, j), (a, b)]
        over  r = a sh - ph + i dh,  s = b sw - pw + j dw.

What falls on the padding is dropped. The gradient of each entry is the cotangent at its place,
which is the cotangent unfolded:

    dx[n, (c, i, j), (a, b)] = dy[n, c, a sh - ph + i dh, b sw - pw + j dw], 0 outside the image.

Text A of the worked examples.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating, check_ndim
from ._columns import col2im, im2col
from ._geometry import Geometry, as_tuple, slide
from ._layer import Layer
from ._types import Array, IntOrTuple

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: the shapes of input and output, and where the windows lie."""

    columns: tuple[int, ...]
    images: tuple[int, ...]
    geometry: Geometry
    dtype: np.dtype[np.floating]


def forward(
    x: Array,
    *,
    output_size: IntOrTuple,
    kernel_size: IntOrTuple,
    dilation: IntOrTuple = 1,
    padding: IntOrTuple = 0,
    stride: IntOrTuple = 1,
) -> tuple[Array, Cache]:
    """Add columns up to images.

    Parameters
    ----------
    x : array of shape (N, C kh kw, OH OW)
        Columns.
    output_size : int or pair of ints
        Size of an image, H and W.
    kernel_size, dilation, padding, stride : int or pair of ints
        Size of a window, step between its entries, ring around the image, step between windows.

    Returns
    -------
    y : array of shape (N, C, H, W)
        Images.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    check_floating("fold", "x", x)
    check_ndim("fold", "x", x, ("N", "C kh kw", "OH OW"))
    geometry = slide(
        "fold",
        as_tuple("fold", "output_size", output_size, 2, at_least=1),
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    _check(x, geometry)
    y = col2im(x[:, None], geometry)
    y = y.copy() if np.shares_memory(x, y) else y
    return y, Cache(x.shape, y.shape, geometry, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Read the cotangent at the place of each entry.

    Parameters
    ----------
    dy : array of shape (N, C, H, W)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C kh kw, OH OW)

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    columns, images, geometry, dtype = cache
    check_cotangent("fold", dy, images, dtype)
    dx = im2col(dy, geometry).reshape(columns)
    return dx.copy() if np.shares_memory(dy, dx) else dx


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="fold", inputs=("x",), forward=forward, backward=backward)


def _check(x: Array, geometry: Geometry) -> None:
    rows, columns = x.shape[1:]
    entries, windows = math.prod(geometry.kernel), math.prod(geometry.out)
    if rows < 1 or rows % entries:
        raise ValueError(
            f"fold: x has {rows} rows, and every channel has {entries}, one for each entry of the "
            f"kernel {geometry.kernel}: make x.shape[1] a positive multiple of {entries}"
        )
    if columns != windows:
        raise ValueError(
            f"fold: x has {columns} columns, and {windows} windows fit on an image of size "
            f"{geometry.size}: make x.shape[2] equal to {windows}, or change output_size"
        )
