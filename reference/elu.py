"""Exponential linear unit.

For x of any shape, entry by entry,

    y  = x  where x > 0,  a (exp(x) - 1)  elsewhere
    dx = dy where x > 0,  dy a exp(x)     elsewhere,        a = alpha.

The two branches are one sum, max(x, 0) + a (exp(min(x, 0)) - 1), of which one term is 0: the one
not taken cannot overflow, and expm1 keeps the digits of exp(x) - 1 near 0. The derivative is taken
from x: recovered from the output, as y + a, it would lose its digits in the tail. At x = 0 it is a,
as in torch.

Clevert et al., Fast and accurate deep network learning by exponential linear units; text B of the
worked examples (B7).
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array, *, alpha: float = 1.0) -> Array:
    """Return x, or what tends to -alpha."""
    return np.asarray(np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)))


def slope(x: Array, *, alpha: float = 1.0) -> Array:
    """Return 1, or alpha exp(x)."""
    return choose(x <= 0, alpha * np.exp(np.minimum(x, 0)), 1.0)


_layer = Pointwise("elu", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
