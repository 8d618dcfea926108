"""Targets that name a class: whole numbers, checked, with the weight that each brings along."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._checks import check_floating
from ._types import Array, Indices


class Target(NamedTuple):
    """What a loss knows of its targets.

    Attributes
    ----------
    place : array of int
        The class of each target, 0 where it is ignored; the axis of the classes has length 1.
    factor : array
        The weight of that class, 0 where the target is ignored.
    """

    place: Indices
    factor: Array

    @property
    def share(self) -> float:
        """What the mean is divided by: the weights of all targets."""
        return float(self.factor.sum(dtype=np.float64))


def class_axis(x: Array) -> int:
    """Return the axis of the classes: the only one, or the second."""
    return 1 if x.ndim > 1 else 0


def class_weights(layer: str, x: Array, weight: Any) -> Array:
    """Return a weight for each class, along the axis of the classes."""
    axis = class_axis(x)
    known = np.ones(x.shape[axis], x.dtype) if weight is None else np.asarray(weight, x.dtype)
    if known.shape != (x.shape[axis],):
        raise ValueError(
            f"{layer}: weight has shape {known.shape}, x has {x.shape[axis]} classes (axis {axis} "
            f"of shape {x.shape}): give one weight for each"
        )
    return known.reshape([-1 if place == axis else 1 for place in range(x.ndim)])


def class_targets(layer: str, x: Array, target: Any, weight: Any, ignore_index: int) -> Target:
    """Check input and targets.

    Raises
    ------
    ValueError
        If dtypes or shapes do not fit, or a target is no class.
    """
    check_floating(layer, "x", x)
    index = np.asarray(target)
    axis = class_axis(x)
    if x.ndim == 0 or index.dtype.kind not in "iu" or index.shape != _without(x.shape, axis):
        raise ValueError(
            f"{layer}: target has dtype {index.dtype} and shape {index.shape}, x has shape "
            f"{x.shape} with the classes along axis {axis}: give one whole number for each of the "
            f"other entries, of shape {_without(x.shape, axis)}"
        )
    ignored = index == ignore_index
    outside = ~ignored & ((index < 0) | (index >= x.shape[axis]))
    if outside.any():
        raise ValueError(
            f"{layer}: target {index[outside][0]} is none of {x.shape[axis]} classes: give 0 to "
            f"{x.shape[axis] - 1}, or ignore_index={ignore_index}"
        )
    known = np.expand_dims(np.where(ignored, 0, index), axis)
    weights = np.broadcast_to(class_weights(layer, x, weight), x.shape)
    factor = np.take_along_axis(weights, known, axis)
    return Target(known, np.where(np.expand_dims(ignored, axis), x.dtype.type(0), factor))


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]
