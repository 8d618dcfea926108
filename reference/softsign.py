"""Softsign.

For x of any shape, entry by entry,

    y  = x / (1 + |x|)
    dx = dy / (1 + |x|)^2

Where |x| is 1 or more, 1 - 1 / (1 + |x|) is as exact, and right at infinity.

Turian, Bergstra, Bengio, Quadratic features and deep architectures for chunking, 2009.
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array) -> Array:
    """Return x / (1 + |x|)."""
    size = np.abs(x)
    y = choose(size < 1, size / (1 + size), 1 - 1 / (1 + size))
    return np.asarray(np.copysign(y, x))


def slope(x: Array) -> Array:
    """Return 1 / (1 + |x|)^2."""
    return np.asarray(1 / (1 + np.abs(x)) / (1 + np.abs(x)))


_layer = Pointwise("softsign", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
