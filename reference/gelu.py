"""Gaussian error linear unit.

For x of any shape, entry by entry, with F(x) = erfc(-x / sqrt(2)) / 2, the distribution function of
the normal distribution, and f(x) = exp(-x^2 / 2) / sqrt(2 pi), its density,

    y  = x F(x)
    dx = dy (F(x) + x f(x))

With ``approximate="tanh"`` F is (1 + tanh(u)) / 2 = s(2 u) instead, where s(x) = 1 / (1 + exp(-x))
and u = sqrt(2 / pi) (x + 0.044715 x^3), and f is its derivative, 2 u' s(2 u) s(-2 u).

The lower tail of F is taken from erfc, and from s, which keep its digits; 1 + erf and 1 + tanh lose
them. Hendrycks and Gimpel, Gaussian error linear units, 2016.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from ._error_function import scaled_erfc
from ._logistic import sigmoid
from ._pointwise import Pointwise
from ._types import Array

FAR = 39.0
"""From here on the tail of F is 0 in every dtype, and powers of a larger x may overflow."""

LINEAR, CUBIC = sqrt(8 / pi), sqrt(8 / pi) * 0.044715
"""Coefficients of 2 u."""


def value(x: Array, share: Array, **_: str) -> Array:
    """Return x F(x)."""
    return x * share


def slope(x: Array, share: Array, *, approximate: str = "none") -> Array:
    """Return F(x) + x f(x)."""
    near = np.clip(x, -FAR, FAR)
    if _normal(approximate):
        return np.asarray(share + near * _density(near))
    change = near * (LINEAR + 3 * CUBIC * (near * near))
    return np.asarray(share * (1 + change * sigmoid(-_argument(x))))


def distribution(x: Array, *, approximate: str = "none") -> Array:
    """Return F(x): the tail T of the normal distribution, or 1 - T on the right."""
    if not _normal(approximate):
        return sigmoid(_argument(x))
    near = np.clip(x, -FAR, FAR)
    tail = scaled_erfc(np.abs(near) * sqrt(0.5)) * (sqrt(pi / 2) * _density(near))
    return np.asarray(np.abs((x > 0) - tail))


def _density(x: Array) -> Array:
    """Return exp(-x^2 / 2) / sqrt(2 pi)."""
    return np.asarray(np.exp(-0.5 * (x * x)) * (1 / sqrt(2 * pi)))


def _argument(x: Array) -> Array:
    """Return 2 u."""
    near = np.clip(x, -FAR, FAR)
    return np.asarray(near * (LINEAR + CUBIC * (near * near)))


def _normal(approximate: str) -> bool:
    if approximate not in ("none", "tanh"):
        raise ValueError(
            f"gelu: approximate={approximate!r} is no form of the layer: give 'none' or 'tanh'"
        )
    return approximate == "none"


_layer = Pointwise("gelu", value, slope, distribution)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
