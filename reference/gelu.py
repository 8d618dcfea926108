"""Gaussian error linear unit.

For x of any shape, entry by entry, with the normal distribution's function F, the integral of its
density f(x) = exp(-x^2 / 2) / sqrt(2 pi) up to x,

    y  = x F(x)
    dx = dy (F(x) + x f(x))

With ``approximate="tanh"`` F is (1 + tanh(u)) / 2 = s(2 u) instead, where s(x) = 1 / (1 + exp(-x))
and u = sqrt(2 / pi) (x + 0.044715 x^3), and f is its derivative, 2 u' s(2 u) s(-2 u).

The lower tail of F is taken from `_normal`, and from s, which keep its digits; 1 + erf and 1 + tanh
lose them. Hendrycks and Gimpel, Gaussian error linear units, 2016.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from ._logistic import last
from ._normal import tail
from ._together import Together
from ._types import Array

__all__ = ["backward", "both", "forward", "layer"]

FAR = 39.0
"""From here on the tail of F is 0 in every dtype, and powers of a larger x may overflow."""

LINEAR, CUBIC = sqrt(8 / pi), sqrt(8 / pi) * 0.044715
"""Coefficients of 2 u."""


def both(x: Array, y: Array, slope: Array, *, approximate: str = "none") -> None:
    """Find x F(x), and F(x) + x f(x)."""
    if approximate not in ("none", "tanh"):
        raise ValueError(
            f"gelu: approximate={approximate!r} is no form of the layer: give 'none' or 'tanh'"
        )
    np.clip(x, -FAR, FAR, out=slope)
    f = _normal(slope, y) if approximate == "none" else _logistic(slope, y)
    slope *= f
    slope += y
    y *= x


def _normal(x: Array, share: Array) -> Array:
    """Find F(x), the tail T of the normal distribution, or 1 - T on the right; return f(x)."""
    t, f = tail(x)
    share[...] = x > 0
    share -= t
    np.abs(share, out=share)
    return f


def _logistic(x: Array, share: Array) -> Array:
    """Find F(x) = s(2 u); return f(x) = 2 u' s(2 u) s(-2 u)."""
    square = np.square(x)
    np.minimum(x * (LINEAR + CUBIC * square), last(x.dtype), out=share)
    np.exp(share, out=share)
    below = 1 + share
    share /= below
    square *= 3 * CUBIC
    square += LINEAR  # 2 u'
    square *= share / below
    return square


_layer = Together("gelu", both)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
