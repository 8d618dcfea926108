"""What is made of the losses of single entries: nothing, their sum, or their mean."""

from __future__ import annotations

import numpy as np

from ._types import Array

REDUCTIONS = ("none", "mean", "sum")


def check_reduction(layer: str, reduction: str) -> None:
    """Raise ValueError unless the reduction is a known one."""
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"{layer}: reduction={reduction!r} is unknown: give one of {', '.join(REDUCTIONS)}"
        )


def reduced(losses: Array, reduction: str, share: float) -> Array:
    """Return the losses, their sum, or, as the mean, their sum divided by ``share``."""
    if reduction == "none":
        return losses
    total = losses.sum()
    with np.errstate(invalid="ignore", divide="ignore"):  # the mean of nothing is NaN
        return np.asarray(total / total.dtype.type(share) if reduction == "mean" else total)


def spread(dy: Array, shape: tuple[int, ...], reduction: str, share: float) -> Array:
    """Return the cotangent of each loss."""
    if reduction == "mean":
        with np.errstate(invalid="ignore", divide="ignore"):
            dy = np.asarray(dy / dy.dtype.type(share))
    return np.broadcast_to(dy, shape)
