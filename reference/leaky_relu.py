"""Leaky rectified linear unit.

For x of any shape, entry by entry,

    y  = x  where x > 0,  a x  elsewhere
    dx = dy where x > 0,  a dy elsewhere,        a = negative_slope.

Both are a product with one factor, 1 or a. The derivative at the kink, x = 0, is a, as in torch.
Text B of the worked examples (B7).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: 1 where x > 0, the slope elsewhere."""

    factor: Array


def forward(x: Array, *, negative_slope: float = 0.01) -> tuple[Array, Cache]:
    """Scale down what is negative.

    Parameters
    ----------
    x : array
        Input.
    negative_slope : float
        Slope where ``x`` is not positive.

    Returns
    -------
    y : array, of the shape of ``x``
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If ``x`` is not an array of floating point.
    """
    check_floating("leaky_relu", "x", x)
    factor = np.where(x > 0, 1, negative_slope).astype(x.dtype)
    return np.asarray(x * factor), Cache(factor)


def backward(dy: Array, cache: Cache) -> Array:
    """Scale the cotangent by the factor that the input had.

    Parameters
    ----------
    dy : array
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array, of the shape of ``x``

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    check_cotangent("leaky_relu", dy, cache.factor.shape, cache.factor.dtype)
    return np.asarray(dy * cache.factor)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="leaky_relu", inputs=("x",), forward=forward, backward=backward)
