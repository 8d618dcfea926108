"""Swish made of a parabola and two lines.

For x of any shape, entry by entry,

    y  = x min(max(x + 3, 0), 6) / 6
    dx = 0 where x < -3,  dy (x / 3 + 1/2) where -3 <= x <= 3,  dy elsewhere

Howard et al., Searching for MobileNetV3, 2019.
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._pointwise import Pointwise, where
from ._types import Array


def value(x: Array) -> Array:
    """Return 0, x (x + 3) / 6 or x."""
    return np.asarray(x * (np.clip(x + 3, 0, 6) / 6))


def slope(x: Array) -> Array:
    """Return 0, x / 3 + 1/2 or 1."""
    return choose(np.abs(x) > 3, where(x > 0, x), x / 3 + 0.5)


_layer = Pointwise("hardswish", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
