"""Cross entropy of two outcomes, from the logarithm of their odds.

For logits x and a target t of any shape, entry by entry, before the reduction,

    y  = w (p t l(-x) + (1 - t) l(x)),  l(x) = log(1 + exp(x)),  p = pos_weight
    dx = w dy ((1 - t) s(x) - p t s(-x)),  dt = w dy (p l(-x) - l(x)),  s(x) = 1 / (1 + exp(-x))

No term overflows, and for t from 0 to 1 no two of them cancel in y, however large x is. For p = 1
the gradient is s(x) - t, which loses its digits where s(x) rounds to t. dy is divided by the number
of entries where the mean is taken.

Goodfellow et al., Deep Learning, section 6.2.2.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ._elementwise_loss import ElementwiseLoss
from ._logistic import sigmoid
from ._types import Array

__all__ = ["backward", "forward", "layer", "slopes", "value"]


def value(x: Array, target: Array, *, pos_weight: Any = None) -> Array:
    """Return p t l(-x) + (1 - t) l(x)."""
    factor = _factor(x, pos_weight)
    bend = np.log1p(np.exp(-np.abs(x)))
    below, above = np.maximum(-x, 0) + bend, np.maximum(x, 0) + bend
    return np.asarray(factor * target * below + (1 - target) * above)


def slopes(x: Array, target: Array, *, pos_weight: Any = None) -> tuple[Array, Array]:
    """Return (1 - t) s(x) - p t s(-x), its difference taken in float64, and p l(-x) - l(x)."""
    factor, wide = _factor(x, pos_weight), x.astype(np.float64)
    by_x = (1 - target) * sigmoid(wide) - factor * target * sigmoid(-wide)
    bend = np.log1p(np.exp(-np.abs(x)))
    return by_x.astype(x.dtype), factor * np.maximum(-x, 0) - np.maximum(x, 0) + (factor - 1) * bend


def _factor(x: Array, pos_weight: Any) -> Any:
    return x.dtype.type(1) if pos_weight is None else np.asarray(pos_weight, x.dtype)


_loss = ElementwiseLoss("binary_cross_entropy_with_logits", value, slopes)
forward, backward, layer = _loss.forward, _loss.backward, _loss.layer
