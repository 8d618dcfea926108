"""Cross entropy of logits and weighted shares, along one axis.

With p the softmax of x, q the shares, each of them weighted, and Q their sum,

    y  = -sum of q log(p)
    dx = dy (Q p - q),  dq = -dy log(p)

Where p is above 1/2, Q p - q = Q (p - 1) + (Q - q) with p - 1 from expm1: the gradient of a
confident and right answer keeps its digits.
"""

from __future__ import annotations

import numpy as np

from . import log_softmax
from ._types import Array


def logarithms(x: Array, axis: int) -> Array:
    """Return log(p)."""
    return log_softmax.forward(x, dim=axis)[0]


def losses(logs: Array, shares: Array, axis: int) -> Array:
    """Return y, without the axis of the classes."""
    with np.errstate(invalid="ignore"):  # a class without a share counts nothing, even at log(0)
        terms = np.where(shares == 0, 0, shares * logs)
    return np.asarray(-terms.sum(axis=axis))


def slope(logs: Array, shares: Array, axis: int) -> Array:
    """Return Q p - q."""
    total = shares.sum(axis=axis, keepdims=True)
    likely = total * np.expm1(logs) + (total - shares)
    return np.asarray(np.where(logs > np.log(0.5), likely, total * np.exp(logs) - shares))
