"""Sigmoid linear unit (swish).

For x of any shape, entry by entry,

    y  = x s(x),  s(x) = 1 / (1 + exp(-x))
    dx = dy s(x) (1 + x s(-x))

With E = exp(x) s(x) is E / (1 + E) and s(-x) is 1 / (1 + E), so one exponential does for both. From
where it would overflow x and E stand still: there s(x) is 1, and x s(-x) vanishes.

Elfwing et al., Sigmoid-weighted linear units, 2018.
"""

from __future__ import annotations

import numpy as np

from ._logistic import last
from ._together import Together
from ._types import Array

__all__ = ["backward", "both", "forward", "layer"]


def both(x: Array, y: Array, slope: Array) -> None:
    """Find x s(x), and s(x) (1 + x s(-x))."""
    np.minimum(x, last(x.dtype), out=slope)
    np.exp(slope, out=y)  # E
    below = 1 + y
    y /= below  # s(x)
    slope /= below  # x s(-x)
    slope += 1
    slope *= y
    y *= x


_layer = Together("silu", both)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
