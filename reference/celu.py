"""Exponential linear unit with a continuous slope.

For x of any shape, entry by entry,

    y  = x where x > 0,  alpha (exp(x / alpha) - 1) elsewhere
    dx = dy where x > 0,  dy exp(x / alpha) elsewhere

The two branches are one sum, max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1), of which one term is
0. alpha is not 0; where it is negative the formula for x <= 0 is the same.

Barron, Continuously differentiable exponential linear units, 2017.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array, *, alpha: float = 1.0) -> Array:
    """Return x, or what tends to -alpha."""
    return np.asarray(np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha))


def slope(x: Array, *, alpha: float = 1.0) -> Array:
    """Return 1, or exp(x / alpha)."""
    return np.asarray(np.exp(np.minimum(x, 0) / alpha))


_layer = Pointwise("celu", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
