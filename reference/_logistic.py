"""The logistic sigmoid and the softplus, its integral, over the whole range of floats."""

from __future__ import annotations

import numpy as np

from ._types import Array


def sigmoid(x: Array) -> Array:
    """Return s(x) = 1 / (1 + exp(-x)), from exp(-|x|), which does not overflow."""
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1, e) / (1 + e))


def softplus(x: Array) -> Array:
    """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))
