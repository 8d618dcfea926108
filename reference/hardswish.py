"""Swish made of a parabola and two lines.

For x of any shape, entry by entry,

    y  = x min(max(x + 3, 0), 6) / 6
    dx = 0 where x < -3,  dy (x / 3 + 1/2) where -3 <= x <= 3,  dy elsewhere

With n = min(max(x, -3), 3) the derivative is n / 6 + 1/2 on the two lines, and n / 6 more on the
parabola, where n = x.

Howard et al., Searching for MobileNetV3, 2019.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise, where
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array) -> Array:
    """Return 0, x (x + 3) / 6 or x."""
    y = x + 3
    np.clip(y, 0, 6, out=y)
    y /= 6
    y *= x
    return y


def slope(x: Array) -> Array:
    """Return 0, x / 3 + 1/2 or 1."""
    near = np.clip(x, -3, 3)
    near *= 1 + where(near == x, x)
    near /= 6
    near += 0.5
    return near


_layer = Pointwise("hardswish", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
