"""Shrinkage towards 0.

For x of any shape, entry by entry,

    y  = x - lambd where x > lambd,  x + lambd where x < -lambd,  0 elsewhere
    dx = dy where |x| > lambd, 0 elsewhere

Donoho, De-noising by soft-thresholding, 1995.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise, where
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array, *, lambd: float = 0.5) -> Array:
    """Return x, nearer to 0 by lambd, or 0."""
    return np.asarray(x - np.clip(x, -lambd, lambd))


def slope(x: Array, *, lambd: float = 0.5) -> Array:
    """Return 1 where x is large, else 0."""
    return where(~(np.abs(x) <= lambd), x)


_layer = Pointwise("softshrink", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
