"""Scaled exponential linear unit: ELU with two constants that keep mean 0, variance 1.

For x of any shape, entry by entry,

    y  = s x  where x > 0,  s a (exp(x) - 1)  elsewhere
    dx = s dy where x > 0,  dy s a exp(x)     elsewhere.

As in `elu`, expm1 keeps the digits near 0 and min(x, 0) keeps the exponential from overflowing. The
derivative at x = 0 is s a, as in torch. Klambauer et al., Self-normalizing neural networks; text B
of the worked examples (B7).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array

SCALE = 1.0507009873554804934193349852946
ALPHA = 1.6732632423543772848170429916717
# Written out, since the product of the two rounded constants is off by one unit in the last place.
SCALE_ALPHA = 1.7580993408473768599402175208123


class Cache(NamedTuple):
    """What ``backward`` needs."""

    x: Array


def forward(x: Array) -> tuple[Array, Cache]:
    """Scale, and bend what is negative towards -s a.

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
    check_floating("selu", "x", x)
    with np.errstate(over="ignore"):  # the largest numbers, scaled, are infinite
        y = np.where(x > 0, SCALE * np.maximum(x, 0), SCALE_ALPHA * np.expm1(np.minimum(x, 0)))
    return y, Cache(x)


def backward(dy: Array, cache: Cache) -> Array:
    """Scale the cotangent by s, or by s a exp(x).

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
    x = cache.x
    check_cotangent("selu", dy, x.shape, x.dtype)
    return np.asarray(dy * np.where(x <= 0, SCALE_ALPHA * np.exp(np.minimum(x, 0)), SCALE))


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="selu", inputs=("x",), forward=forward, backward=backward)
