"""Softplus.

For x of any shape, entry by entry,

    y  = log(1 + exp(beta x)) / beta where beta x <= threshold,  x elsewhere
    dx = dy s(beta x) where beta x <= threshold,  dy elsewhere,   s(x) = 1 / (1 + exp(-x))

The switch at the threshold is torch's; it jumps by exp(-threshold) / beta. Where the exponential
would overflow the logarithm is beta x to the last digit, so that is where any higher threshold
switches.

Dugas et al., Incorporating second-order functional knowledge, 2001.
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._logistic import last, sigmoid
from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """Return the softened max(x, 0)."""
    scaled = beta * x
    soft = np.log1p(np.exp(scaled)) / beta
    return choose(scaled > min(threshold, last(x.dtype)), x, soft)


def slope(x: Array, *, beta: float = 1.0, threshold: float = 20.0) -> Array:
    """Return s(beta x), or 1."""
    scaled = beta * x
    return choose(scaled > threshold, 1.0, sigmoid(scaled))


_layer = Pointwise("softplus", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
