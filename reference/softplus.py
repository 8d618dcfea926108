"""Softplus.

For x of any shape, entry by entry,

    y  = log(1 + exp(beta x)) / beta where beta x <= threshold,  x elsewhere
    dx = dy s(beta x) where beta x <= threshold,  dy elsewhere,   s(x) = 1 / (1 + exp(-x))

The switch at the threshold is torch's; it jumps by exp(-threshold) / beta.

Dugas et al., Incorporating second-order functional knowledge, 2001.
"""

from __future__ import annotations

import numpy as np

from . import _logistic
from ._pointwise import Pointwise
from ._types import Array


def value(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """Return the softened max(x, 0)."""
    return np.where(beta * x > threshold, x, _logistic.softplus(beta * x) / beta)


def slope(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """Return s(beta x), or 1."""
    return np.where(beta * x > threshold, 1, _logistic.sigmoid(beta * x)).astype(x.dtype)


_layer = Pointwise("softplus", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
