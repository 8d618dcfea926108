"""Identity between two limits.

For x of any shape, entry by entry,

    y  = min(max(x, min_val), max_val)
    dx = dy where min_val < x < max_val, 0 elsewhere

Collobert, Large scale machine learning, 2004.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise, where
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """Return x, kept between the limits."""
    return np.clip(x, min_val, max_val)


def slope(x: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """Return 1 between the limits, 0 elsewhere."""
    return where(~((x <= min_val) | (x >= max_val)), x)


_layer = Pointwise("hardtanh", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
