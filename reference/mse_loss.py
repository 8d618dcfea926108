"""Squared error.

For x and a target t of any shape, entry by entry, before the reduction,

    y  = w (x - t)^2
    dx = 2 w dy (x - t),  dt = -dx

and dy is divided by the sum of the weights, w, where the mean is taken.

Goodfellow et al., Deep Learning, section 5.5.1.
"""

from __future__ import annotations

from ._elementwise_loss import ElementwiseLoss
from ._types import Array

__all__ = ["backward", "forward", "layer", "slopes", "value"]


def value(x: Array, target: Array) -> Array:
    """Return (x - t)^2."""
    apart = x - target
    return apart * apart


def slopes(x: Array, target: Array) -> tuple[Array, Array]:
    """Return 2 (x - t) and 2 (t - x)."""
    return 2 * (x - target), 2 * (target - x)


_loss = ElementwiseLoss("mse_loss", value, slopes, by_weight=True)
forward, backward, layer = _loss.forward, _loss.backward, _loss.layer
