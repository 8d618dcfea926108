"""Hyperbolic tangent.

For x of any shape, entry by entry,

    y  = tanh(x)
    dx = dy (1 - y^2) = dy / cosh(x)^2 = dy 4 q / (1 + q)^2,    q = exp(-2 |x|).

The textbook's 1 - y^2 loses every digit at large x, where y rounds to 1; the form in q keeps them,
and overflows nowhere.

Goodfellow et al., Deep Learning, section 6.3.2.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array) -> Array:
    """Return tanh(x)."""
    return np.asarray(np.tanh(x))


def slope(x: Array) -> Array:
    """Return 1 / cosh(x)^2."""
    q = np.abs(x)
    q *= -2
    np.exp(q, out=q)
    q /= np.square(1 + q)
    q *= 4
    return q


_layer = Pointwise("tanh", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
