"""Hyperbolic tangent.

For x of any shape, entry by entry,

    y  = tanh(x)
    dx = dy (1 - y^2) = dy / cosh(x)^2 = dy 4 e / (1 + e)^2,    e = exp(-2 |x|).

The textbook's 1 - y^2 loses every digit at large x, where y rounds to 1; the form in e keeps them,
and overflows nowhere. Goodfellow et al., Deep Learning, section 6.3.2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array

FAR = 400.0
"""From here on exp(-2 |x|) is 0 in every dtype, and twice a larger x may overflow."""


class Cache(NamedTuple):
    """What ``backward`` needs."""

    x: Array


def forward(x: Array) -> tuple[Array, Cache]:
    """Squash to (-1, 1).

    Parameters
    ----------
    x : array
        Input.

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
    check_floating("tanh", "x", x)
    return np.asarray(np.tanh(x)), Cache(x)


def backward(dy: Array, cache: Cache) -> Array:
    """Scale the cotangent by 1 / cosh(x)^2.

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
    check_cotangent("tanh", dy, cache.x.shape, cache.x.dtype)
    e = np.exp(-2 * np.minimum(np.abs(cache.x), FAR))
    return np.asarray(dy * (4 * e / (1 + e) / (1 + e)))


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="tanh", inputs=("x",), forward=forward, backward=backward)
