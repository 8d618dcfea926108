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


def both(x: Array) -> tuple[Array, Array]:
    """Return x s(x), and s(x) (1 + x s(-x))."""
    slope = np.minimum(x, last(x.dtype))
    share = np.exp(slope)  # E
    below = 1 + share
    share /= below
    slope /= below
    slope += 1
    slope *= share
    share *= x
    return share, slope


_layer = Together("silu", both)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
