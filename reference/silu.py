"""Sigmoid linear unit (swish).

For x of any shape, entry by entry,

    y  = x s(x),  s(x) = 1 / (1 + exp(-x))
    dx = dy s(x) (1 + x s(-x))

With e = exp(-|x|), at most 1, s(x) is 1 / (1 + e) on the right and e / (1 + e) on the left: nothing
overflows, and the left tail keeps its digits.

Elfwing et al., Sigmoid-weighted linear units, 2018.
"""

from __future__ import annotations

from ._logistic import sigmoid
from ._pointwise import Pointwise
from ._types import Array


def value(x: Array) -> Array:
    """Return x s(x)."""
    return x * sigmoid(x)


def slope(x: Array) -> Array:
    """Return s(x) (1 + x s(-x))."""
    return sigmoid(x) * (1 + x * sigmoid(-x))


_layer = Pointwise("silu", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
