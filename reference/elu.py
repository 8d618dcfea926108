"""Exponential linear unit.

For x of any shape, entry by entry,

    y  = x  where x > 0,  a (exp(x) - 1)  elsewhere
    dx = dy where x > 0,  dy a exp(x)     elsewhere,        a = alpha.

expm1 keeps the digits of exp(x) - 1 near 0, and min(x, 0) keeps the exponential of the branch that
is not taken from overflowing. The derivative is taken from x: recovered from the output, as y + a,
it would lose its digits in the tail. At x = 0 it is a, as in torch. Clevert et al., Fast and
accurate deep network learning by exponential linear units; text B of the worked examples (B7).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs."""

    x: Array
    alpha: float


def forward(x: Array, *, alpha: float = 1.0) -> tuple[Array, Cache]:
    """Bend what is negative towards -alpha.

    Parameters
    ----------
    x : array
        Input.
    alpha : float
        Minus the limit at minus infinity.

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
    check_floating("elu", "x", x)
    alpha = float(alpha)  # a NumPy float64 would promote
    y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return y, Cache(x, alpha)


def backward(dy: Array, cache: Cache) -> Array:
    """Scale the cotangent by 1, or by alpha exp(x).

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
    x, alpha = cache
    check_cotangent("elu", dy, x.shape, x.dtype)
    return np.asarray(dy * np.where(x <= 0, alpha * np.exp(np.minimum(x, 0)), 1))


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="elu", inputs=("x",), forward=forward, backward=backward)
