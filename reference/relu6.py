"""Rectifier with a ceiling.

For x of any shape, entry by entry,

    y  = min(max(x, 0), 6)
    dx = dy where 0 < x < 6, 0 elsewhere

Krizhevsky, Convolutional deep belief networks on CIFAR-10, 2010.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise, where
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array) -> Array:
    """Return x, kept between 0 and 6."""
    return np.clip(x, 0, 6)


def slope(x: Array) -> Array:
    """Return 1 between 0 and 6, 0 elsewhere."""
    return where(~((x <= 0) | (x >= 6)), x)


_layer = Pointwise("relu6", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
