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
from ._pointwise import Pointwise, where
from ._types import Array

FAR = 39.0
"""From here on the tail of F is 0 in every dtype, and powers of a larger x may overflow."""

LINEAR, CUBIC = sqrt(8 / pi), sqrt(8 / pi) * 0.044715
"""Coefficients of 2 u."""


def value(x: Array, *, approximate: str = "none") -> Array:
    """Return x F(x)."""
    if _normal(approximate):
        return x * _distribution(x)[0]
    return x * sigmoid(_argument(x))


def slope(x: Array, *, approximate: str = "none") -> Array:
    """Return F(x) + x f(x)."""
    if _normal(approximate):
        share, density = _distribution(x)
        return np.asarray(share + np.clip(x, -FAR, FAR) * density)
    near, twice = np.clip(x, -FAR, FAR), _argument(x)
    change = near * (LINEAR + 3 * CUBIC * (near * near))
    return np.asarray(sigmoid(twice) * (1 + change * sigmoid(-twice)))


def _distribution(x: Array) -> tuple[Array, Array]:
    """Return the normal distribution function and its density."""
    size = np.minimum(np.abs(x), FAR)
    bell = np.exp(-size * size / 2)
    tail = scaled_erfc(size * sqrt(0.5)) * bell / 2
    return tail + where(x > 0, x) * (1 - 2 * tail), bell / sqrt(2 * pi)


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


_layer = Pointwise("gelu", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
