"""The logistic sigmoid and the softplus, its integral, over the whole range of floats."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ._types import Array


def sigmoid(x: Array) -> Array:
    """Return s(x) = E / (1 + E), E = exp(x).

    Where E would overflow s(x) is 1, and stands still: neither tail loses a digit.
    """
    share = np.minimum(x, last(x.dtype))
    np.exp(share, out=share)
    share /= 1 + share
    return share


def softplus(x: Array) -> Array:
    """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


@cache
def last(dtype: np.dtype[Any]) -> float:
    """Return the largest whole number whose exponential a dtype holds."""
    return float(np.floor(np.log(np.finfo(dtype).max)))
