"""Global max pooling: the largest entry of each channel.

For x of shape (N, C, H, W),

    y[n, c, 0, 0]  = max over r, s of x[n, c, r, s]
    dx[n, c, r, s] = dy[n, c, 0, 0] where (r, s) is the place of the maximum, 0 elsewhere.

It is the adaptive pool of one window. Of equal maxima the first in row-major order has the
gradient; of several NaN the last, as in torch's ``adaptive_max_pool2d`` to size 1. Text B of the
worked examples (B6).
"""

from __future__ import annotations

from ._adaptive_max_pool import AdaptiveMaxPool, Cache
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]

_layer = AdaptiveMaxPool("global_max_pool2d", axes=2)


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
    return _layer.forward(x, output_size=1)


backward = _layer.backward


def layer() -> Layer:
    """Return the layer, for the registry."""
    return _layer.layer()._replace(forward=forward)
