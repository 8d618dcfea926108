"""Cross entropy of two outcomes, from a probability.

For a probability x and a target t of any shape, entry by entry, before the reduction,

    y  = -w (t log(x) + (1 - t) log(1 - x))
    dx = w dy (x - t) / (x (1 - x)),  dt = w dy (log(1 - x) - log(x))

Logarithms are kept at or above -100, and x (1 - x) at or above 1e-12, as in torch: near 0 and 1 the
gradient is that of no function, but finite. dy is divided by the number of entries where the mean
is taken.

Goodfellow et al., Deep Learning, section 6.2.2.2.
"""

from __future__ import annotations

import numpy as np

from ._elementwise_loss import ElementwiseLoss
from ._types import Array

__all__ = ["backward", "forward", "layer", "slopes", "value"]

LOWEST, NARROWEST = -100.0, 1e-12


def value(x: Array, target: Array) -> Array:
    """Return -(t log(x) + (1 - t) log(1 - x))."""
    right, wrong = _logarithms(x)
    return -(target * right + (1 - target) * wrong)


def slopes(x: Array, target: Array) -> tuple[Array, Array]:
    """Return (x - t) / (x (1 - x)) and log(1 - x) - log(x)."""
    right, wrong = _logarithms(x)
    return (x - target) / np.maximum(x * (1 - x), x.dtype.type(NARROWEST)), wrong - right


def _logarithms(x: Array) -> tuple[Array, Array]:
    """Return log(x) and log(1 - x)."""
    with np.errstate(divide="ignore", invalid="ignore"):  # outside 0 to 1 there is none
        return np.maximum(np.log(x), LOWEST), np.maximum(np.log1p(-x), LOWEST)


_loss = ElementwiseLoss("binary_cross_entropy", value, slopes)
forward, backward, layer = _loss.forward, _loss.backward, _loss.layer
