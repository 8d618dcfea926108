"""Scaled exponential linear unit: ELU with two constants that keep mean 0, variance 1.

For x of any shape, entry by entry,

    y  = s x  where x > 0,  s a (exp(x) - 1)  elsewhere
    dx = s dy where x > 0,  dy s a exp(x)     elsewhere.

One sum, as in `elu`. The derivative at x = 0 is s a, as in torch.

Klambauer et al., Self-normalizing neural networks; text B of the worked examples (B7).
"""

from __future__ import annotations

import numpy as np

from ._choice import choose
from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]

SCALE = 1.0507009873554804934193349852946
ALPHA = 1.6732632423543772848170429916717
# Written out, since the product of the two rounded constants is off by one unit in the last place.
SCALE_ALPHA = 1.7580993408473768599402175208123


def value(x: Array) -> Array:
    """Return s x, or what tends to -s a."""
    return np.asarray(SCALE * np.maximum(x, 0) + SCALE_ALPHA * np.expm1(np.minimum(x, 0)))


def slope(x: Array) -> Array:
    """Return s, or s a exp(x)."""
    return choose(x <= 0, SCALE_ALPHA * np.exp(np.minimum(x, 0)), SCALE)


_layer = Pointwise("selu", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
