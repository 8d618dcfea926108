"""Global average pooling: the mean of each channel.

For x of shape (N, C, H, W),

    y[n, c, 0, 0]  = (sum over r, s of x[n, c, r, s]) / (H W)
    dx[n, c, r, s] = dy[n, c, 0, 0] / (H W).

Text B of the worked examples (B6); torch's ``adaptive_avg_pool2d`` to size 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_images
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: the shape of the input and the dtype."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.floating]


def forward(x: Array) -> tuple[Array, Cache]:
    """Take the mean of each channel.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        Images.

    Returns
    -------
    y : array of shape (N, C, 1, 1)
        Means.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape or dtype do not fit.
    """
    check_images("global_avg_pool2d", x)
    _, _, height, width = x.shape
    return x.sum(axis=(2, 3), keepdims=True) / (height * width), Cache(x.shape, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Spread each channel's cotangent evenly over its pixels.

    Parameters
    ----------
    dy : array of shape (N, C, 1, 1)
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
    n, channels, height, width = cache.shape
    check_cotangent("global_avg_pool2d", dy, (n, channels, 1, 1), cache.dtype)
    return np.broadcast_to(dy / (height * width), cache.shape).copy()


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="global_avg_pool2d", inputs=("x",), forward=forward, backward=backward)
