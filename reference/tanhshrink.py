"""What tanh takes away.

For x of any shape, entry by entry,

    y  = x - tanh(x)
    dx = dy tanh(x)^2

Near 0 the difference cancels: x - tanh(x) = x^3 / 3 - ... There Lambert's continued fraction
tanh(x) = x / (1 + c), c = x^2 / (3 + x^2 / (5 + ...)), gives y = x c / (1 + c) with every digit.

Abramowitz and Stegun, 4.5.70 (the continued fraction).
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._pointwise import Pointwise
from ._types import Array

NEAR, TERMS = 1.0, 9
"""Where the continued fraction is taken, and how far: 9 terms leave 1e-19 at 1."""


def value(x: Array) -> Array:
    """Return x - tanh(x)."""
    near = np.clip(x, -NEAR, NEAR)
    square = near * near
    fraction = np.zeros_like(x)
    for odd in range(2 * TERMS + 1, 1, -2):
        fraction = square / (odd + fraction)
    return choose(np.abs(x) <= NEAR, near * fraction / (1 + fraction), x - np.tanh(x))


def slope(x: Array) -> Array:
    """Return tanh(x)^2."""
    return np.tanh(x) ** 2


_layer = Pointwise("tanhshrink", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
