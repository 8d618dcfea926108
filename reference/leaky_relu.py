"""Leaky rectified linear unit.

For x of any shape, entry by entry,

    y  = x  where x > 0,  a x  elsewhere
    dx = dy where x > 0,  a dy elsewhere,        a = negative_slope.

The two branches are one sum, max(x, 0) + a min(x, 0), of which one term is 0. The derivative at the
kink, x = 0, is a, as in torch.

Text B of the worked examples (B7).
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array, *, negative_slope: float = 0.01) -> Array:
    """Return x, or a x."""
    y = np.minimum(x, 0)
    y *= negative_slope
    y += np.maximum(x, 0)
    return y


def slope(x: Array, *, negative_slope: float = 0.01) -> Array:
    """Return 1, or a."""
    return choose(x > 0, 1.0, np.asarray(negative_slope, x.dtype))


_layer = Pointwise("leaky_relu", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
