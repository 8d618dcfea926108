"""Mish.

For x of any shape, entry by entry,

    y  = x t,  t = tanh(log(1 + exp(x)))
    dx = dy (t + x g),  g = (1 - t^2) s(x)

With w = exp(x) and q = w^2 + 2 w + 2,

    t       = w (w + 2) / q
    t + x g = w (4 (x + 1) + (4 x + 6) w + 4 w^2 + w^3) / q^2

where little cancels but x + 1, which is exact near -1. On the right both are divided through by
powers of w, so that only e = exp(-|x|), at most 1, is needed.

Misra, Mish, 2019.
"""

from __future__ import annotations

import numpy as np

from ._pointwise import Pointwise
from ._types import Array

FAR = 800.0
"""From here on e is 0 in every dtype."""


def value(x: Array) -> Array:
    """Return x tanh(softplus(x))."""
    e = np.exp(-np.abs(x))
    right = (1 + 2 * e) / (1 + 2 * e + 2 * e * e)
    left = e * (e + 2) / (e * e + 2 * e + 2)
    return np.asarray(x * np.where(x >= 0, right, left))


def slope(x: Array) -> Array:
    """Return t + x g, worked out in float64: in float32 a dozen roundings would meet."""
    near = np.clip(x.astype(np.float64), -FAR, FAR)
    e = np.exp(-np.abs(near))
    first, second = 4 * (near + 1), 4 * near + 6
    right = (1 + e * (4 + e * (second + e * first))) / (1 + 2 * e + 2 * e * e) ** 2
    left = e * (first + e * (second + e * (4 + e))) / (e * e + 2 * e + 2) ** 2
    return np.asarray(np.where(near >= 0, right, left), x.dtype)


_layer = Pointwise("mish", value, slope)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
