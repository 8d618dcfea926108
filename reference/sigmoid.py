"""Logistic sigmoid.

For x of any shape, entry by entry,

    y  = 1 / (1 + exp(-x)) = E / (1 + E),        E = exp(x)
    dx = dy y (1 - y)      = dy e / (1 + e)^2,   e = exp(-|x|).

The textbook's y (1 - y) loses every digit at large x, where y rounds to 1; e / (1 + e)^2 keeps them
on both sides, and e is at most 1, so nothing overflows.

Goodfellow et al., Deep Learning, section 3.10; text A of the worked examples (A3).
"""

from __future__ import annotations

import numpy as np

from . import _logistic
from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope"]

value = _logistic.sigmoid


def slope(x: Array) -> Array:
    """Return s(x) s(-x) = e / (1 + e)^2."""
    e = -np.abs(x)
    np.exp(e, out=e)
    e /= np.square(1 + e)
    return e


_layer = Pointwise("sigmoid", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
