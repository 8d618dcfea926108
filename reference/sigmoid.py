"""Logistic sigmoid.

For x of any shape, entry by entry,

    y  = 1 / (1 + exp(-x)) = 1 / (1 + e)  where x >= 0,  e / (1 + e)  elsewhere
    dx = dy y (1 - y)      = dy e / (1 + e)^2,        e = exp(-|x|).

e is at most 1, so nothing overflows. The textbook's y (1 - y) loses every digit at large x, where y
rounds to 1; e / (1 + e)^2 keeps them on both sides. Goodfellow et al., Deep Learning, section 3.10;
text A of the worked examples (A3).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: e = exp(-abs(x))."""

    e: Array


def forward(x: Array) -> tuple[Array, Cache]:
    """Squash to (0, 1).

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
    check_floating("sigmoid", "x", x)
    e = np.asarray(np.exp(-np.abs(x)))
    return np.asarray(np.where(x >= 0, 1, e) / (1 + e)), Cache(e)


def backward(dy: Array, cache: Cache) -> Array:
    """Scale the cotangent by e / (1 + e)^2.

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
    e = cache.e
    check_cotangent("sigmoid", dy, e.shape, e.dtype)
    return np.asarray(dy * (e / (1 + e) / (1 + e)))


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="sigmoid", inputs=("x",), forward=forward, backward=backward)
