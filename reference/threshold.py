"""Threshold with a value below it.

For x of any shape, entry by entry,

    y  = x where x > threshold, value elsewhere
    dx = dy where x > threshold, 0 elsewhere

The function jumps at the threshold, where it has no derivative.

torch.nn.functional.threshold.
"""

from __future__ import annotations

from ._choice import choose
from ._pointwise import Pointwise, where
from ._types import Array

__all__ = ["backward", "forward", "kept", "layer", "slope"]


def kept(x: Array, *, threshold: float, value: float) -> Array:
    """Return x above the threshold, the value elsewhere."""
    return choose(x <= threshold, value, x)


def slope(x: Array, *, threshold: float, value: float) -> Array:
    """Return 1 above the threshold, 0 elsewhere."""
    return where(~(x <= threshold), x)


_layer = Pointwise("threshold", kept, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
