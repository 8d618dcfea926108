"""Unfold: the windows of images as columns (im2col).

For x of shape (N, C, H, W), with windows as in `conv2d`, row ``(c kh + i) kw + j`` of column
``a OW + b`` is

    y[n, (c, i, j), (a, b)] = x[n, c, a sh - ph + i dh, b sw - pw + j dw],

with 0 outside the image. The map is linear and only copies, so its gradient adds every cotangent
back to where it came from, which is `fold` (col2im), its transpose:

    dx[n, c, r, s] = sum of dy[n, (c, i, j), (a, b)]
        over  r = a sh - ph + i dh,  s = b sw - pw + j dw.

Text A of the worked examples.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_images
from ._columns import col2im, im2col
from ._geometry import Geometry, slide
from ._layer import Layer
from ._types import Array, IntOrTuple

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: the shape of the output, and where the windows lie."""

    shape: tuple[int, ...]
    geometry: Geometry
    dtype: np.dtype[np.floating]


def forward(
    x: Array,
    *,
    kernel_size: IntOrTuple,
    dilation: IntOrTuple = 1,
    padding: IntOrTuple = 0,
    stride: IntOrTuple = 1,
) -> tuple[Array, Cache]:
    """Lay the windows out as columns.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        Images.
    kernel_size, dilation, padding, stride : int or pair of ints
        Size of a window, step between its entries, ring of zeros, step between windows.

    Returns
    -------
    y : array of shape (N, C kh kw, OH OW)
        Columns.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    check_images("unfold", x)
    geometry = slide(
        "unfold",
        x.shape[2:],
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    shape = (len(x), x.shape[1] * math.prod(geometry.kernel), math.prod(geometry.out))
    y = im2col(x, geometry).reshape(shape)
    # The columns of a kernel of one entry are a view of x.
    return y.copy() if np.shares_memory(x, y) else y, Cache(shape, geometry, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Add every cotangent back to the entry that it came from.

    Parameters
    ----------
    dy : array of shape (N, C kh kw, OH OW)
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
    shape, geometry, dtype = cache
    check_cotangent("unfold", dy, shape, dtype)
    return col2im(dy[:, None], geometry)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="unfold", inputs=("x",), forward=forward, backward=backward)
