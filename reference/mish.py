"""Mish.

For x of any shape, entry by entry,

    y  = x t,  t = tanh(log(1 + exp(x)))
    dx = dy (t + x g),  g = (1 - t^2) s(x),  s(x) = 1 / (1 + exp(-x))

With w = exp(x) and p = w (w + 2),

    t       = p / (p + 2)
    t + x g = w (4 (x + 1) + (4 x + 6) w + 4 w^2 + w^3) / (p + 2)^2

where little cancels but x + 1, which is exact near -1. Where t has become 1 x stands still, so that
no power of w overflows.

Misra, Mish, 2019.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]

FLAT = 40.0
"""From here on t and t + x g are 1 in every dtype."""
ZERO = -800.0
"""Up to here w is 0 in every dtype."""


def value(x: Array) -> Array:
    """Return x tanh(softplus(x))."""
    w = np.exp(np.minimum(x, FLAT))
    p = w * (w + 2)
    return np.asarray(x * (p / (p + 2)))


def slope(x: Array) -> Array:
    """Return t + x g, worked out in float64: in float32 a dozen roundings would meet."""
    near = np.clip(x.astype(np.float64), ZERO, FLAT)
    w = np.exp(near)
    four = 4 * near
    polynomial = (four + 4) + w * ((four + 6) + w * (4 + w))
    below = w * (w + 2) + 2
    return np.asarray(w * polynomial / below / below, x.dtype)


_layer = Pointwise("mish", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
