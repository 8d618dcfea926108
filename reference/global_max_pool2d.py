"""Global max pooling: the largest entry of each channel.

For x of shape (N, C, H, W),

    y[n, c, 0, 0]  = max over r, s of x[n, c, r, s]
    dx[n, c, r, s] = dy[n, c, 0, 0] where (r, s) is the place of the maximum, 0 elsewhere.

Of equal maxima the first in row-major order has the gradient; of several NaN the last one, as in
torch's ``adaptive_max_pool2d`` to size 1. Text B of the worked examples (B6).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_images
from ._layer import Layer
from ._types import Array, Indices


class Cache(NamedTuple):
    """What ``backward`` needs: the place r W + s of each maximum (N, C, 1), shape and dtype."""

    place: Indices
    shape: tuple[int, ...]
    dtype: np.dtype[np.floating]


def forward(x: Array) -> tuple[Array, Cache]:
    """Take the largest entry of each channel.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        Images.

    Returns
    -------
    y : array of shape (N, C, 1, 1)
        Maxima.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape or dtype do not fit.
    """
    check_images("global_max_pool2d", x)
    n, channels, height, width = x.shape
    pixels = x.reshape(n, channels, height * width)
    place = _place(pixels)
    y = np.take_along_axis(pixels, place, axis=2)[..., None]
    return y, Cache(place, x.shape, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Send each channel's cotangent to the place of its maximum.

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
    check_cotangent("global_max_pool2d", dy, (n, channels, 1, 1), cache.dtype)
    dx = np.zeros((n, channels, height * width), cache.dtype)
    np.put_along_axis(dx, cache.place, dy[..., 0], axis=2)
    return dx.reshape(cache.shape)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="global_max_pool2d", inputs=("x",), forward=forward, backward=backward)


def _place(pixels: Array) -> Indices:
    """Return the place of the first maximum along the last axis, or of the last NaN."""
    nan = np.isnan(pixels)
    last_nan = pixels.shape[-1] - 1 - nan[..., ::-1].argmax(axis=-1, keepdims=True)
    first_maximum = pixels.argmax(axis=-1, keepdims=True)
    place: Indices = np.where(nan.any(axis=-1, keepdims=True), last_nan, first_maximum)
    return place
