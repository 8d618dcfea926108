"""Logarithm of the sigmoid.

For x of any shape, entry by entry,

    y  = log(1 / (1 + exp(-x))) = min(x, 0) - log(1 + exp(-|x|))
    dx = dy / (1 + exp(x))

Goodfellow et al., Deep Learning, section 3.10 (as the softplus of -x, negative).
"""

from __future__ import annotations

from ._logistic import sigmoid, softplus
from ._pointwise import Pointwise
from ._types import Array

__all__ = ["backward", "forward", "layer", "slope", "value"]


def value(x: Array) -> Array:
    """Return minus the softplus of -x."""
    return -softplus(-x)


def slope(x: Array) -> Array:
    """Return s(-x)."""
    return sigmoid(-x)


_layer = Pointwise("logsigmoid", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
