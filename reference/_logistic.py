"""The logistic sigmoid and the softplus, its integral, over the whole range of floats."""

from __future__ import annotations

import numpy as np

from ._types import Array


def sigmoid(x: Array) -> Array:
    """Return s(x) = 1 / (1 + exp(-x)) = exp(min(x, 0)) / (1 + exp(-|x|)).

    Neither exponential overflows, and a second one costs less than choosing between branches.
    """
    return np.asarray(np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x))))


def softplus(x: Array) -> Array:
    """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))
