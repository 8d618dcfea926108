"""Threshold on both sides.

For x of any shape, entry by entry,

    y  = x where |x| > lambd, 0 elsewhere
    dx = dy where |x| > lambd, 0 elsewhere

The function jumps at lambd on either side, where it has no derivative.

Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, 1994.
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._pointwise import Pointwise, where
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array, *, lambd: float = 0.5) -> Array:
    """Return x where it is large, else 0."""
    return choose(np.abs(x) <= lambd, 0.0, x)


def slope(x: Array, *, lambd: float = 0.5) -> Array:
    """Return 1 where x is large, else 0."""
    return where(~(np.abs(x) <= lambd), x)


_layer = Pointwise("hardshrink", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
