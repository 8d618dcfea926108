"""Sigmoid linear unit (swish).

For x of any shape, entry by entry,

    y  = x s(x),  s(x) = 1 / (1 + exp(-x))
    dx = dy s(x) (1 + x s(-x))

With E = exp(x) s(x) is E / (1 + E) and s(-x) is 1 / (1 + E), so one exponential does. From where it
would overflow x and E stand still: there s(x) is 1, and x s(-x) vanishes.

Elfwing et al., Sigmoid-weighted linear units, 2018.
"""

from __future__ import annotations

import numpy as np

from ._logistic import last, sigmoid
from ._pointwise import Pointwise
from ._types import Array


def value(x: Array) -> Array:
    """Return x s(x)."""
    return x * sigmoid(x)


def slope(x: Array) -> Array:
    """Return s(x) (1 + x s(-x))."""
    near = np.minimum(x, last(x.dtype))
    grown = np.exp(near)
    return np.asarray(grown / (1 + grown) * (1 + near / (1 + grown)))


_layer = Pointwise("silu", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
