"""Sigmoid made of three lines.

For x of any shape, entry by entry,

    y  = min(max(x + 3, 0), 6) / 6
    dx = dy / 6 where -3 < x < 3, 0 elsewhere

Courbariaux et al., BinaryConnect, 2015; the slope is torch's.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise, where
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array) -> Array:
    """Return 0, (x + 3) / 6 or 1."""
    return np.asarray(np.clip(x + 3, 0, 6) / 6)


def slope(x: Array) -> Array:
    """Return 1/6 between -3 and 3, 0 elsewhere."""
    return where(np.abs(x) < 3, x) / 6


_layer = Pointwise("hardsigmoid", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
