"""Mish.

For x of any shape, entry by entry,

    y  = x t,  t = tanh(log(1 + exp(x)))
    dx = dy (t + x g),  g = (1 - t^2) s(x)

With w = exp(x), t = (w^2 + 2 w) / (w^2 + 2 w + 2) and g = 4 w (1 + w) / (w^2 + 2 w + 2)^2; on the
right both are divided through by powers of w, so that only e = exp(-|x|), at most 1, is needed.

Misra, Mish, 2019.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise
from ._types import Array


def _gate(x: Array) -> Array:
    """Return t."""
    e = np.exp(-np.abs(x))
    right = (1 + 2 * e) / (1 + 2 * e + 2 * e * e)
    left = e * (e + 2) / (e * e + 2 * e + 2)
    return np.asarray(np.where(x >= 0, right, left))


def value(x: Array) -> Array:
    """Return x tanh(softplus(x))."""
    return x * _gate(x)


def slope(x: Array) -> Array:
    """Return t + x g."""
    e = np.exp(-np.abs(x))
    right = 4 * e * e * (1 + e) / (1 + 2 * e + 2 * e * e) ** 2
    left = 4 * e * (1 + e) / (e * e + 2 * e + 2) ** 2
    return np.asarray(_gate(x) + x * np.where(x >= 0, right, left))


_layer = Pointwise("mish", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
