"""Negative log likelihood.

For logarithms of probabilities x of shape (N, C, ...), or (C,), and one class t for each of the
other entries, before the reduction,

    y           = -w[t] x[t]
    dx[class c] = -w[t] dy where c = t, 0 elsewhere

Targets equal to ``ignore_index`` give 0. The mean divides by the weights of all targets, w[t].

Goodfellow et al., Deep Learning, section 5.5.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent
from ._class_targets import Target, class_axis, class_targets
from ._layer import Layer
from ._reduction import check_reduction, reduced, spread
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    target: Target
    reduction: str


def forward(
    x: Array, target: Any, *, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> tuple[Array, Cache]:
    """Pick the entry of each target.

    Parameters
    ----------
    x : array of shape (N, C, ...) or (C,)
        Logarithms of probabilities.
    target : array or nested sequence of int, of shape (N, ...) or ()
        Classes, from 0 to C - 1.
    weight : array or sequence of shape (C,), optional
        Weights of the classes.
    ignore_index : int
        Stands for no class.
    reduction : str
        ``"none"``, ``"mean"`` or ``"sum"``.

    Returns
    -------
    y : array, of the shape of ``target``, or without axes
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit together, a target is no class, or the reduction is unknown.
    """
    known = class_targets("nll_loss", x, target, weight, ignore_index)
    check_reduction("nll_loss", reduction)
    axis = class_axis(x)
    with np.errstate(invalid="ignore"):  # what is ignored counts nothing, even at infinity
        own = -known.factor * np.take_along_axis(x, known.place, axis)
    losses = np.where(known.factor == 0, 0, own).astype(x.dtype)
    y = reduced(np.squeeze(losses, axis), reduction, known.share)
    return y, Cache(x.shape, x.dtype, known, reduction)


def backward(dy: Array, cache: Cache) -> Array:
    """Hand the cotangent of each loss to the entry that it was taken from.

    Parameters
    ----------
    dy : array
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array, of the shape of ``x``

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    shape, dtype, known, reduction = cache
    axis = 1 if len(shape) > 1 else 0
    losses = shape[:axis] + shape[axis + 1 :]
    check_cotangent("nll_loss", dy, losses if reduction == "none" else (), dtype)
    each = np.expand_dims(spread(dy, losses, reduction, known.share), axis)
    dx = np.zeros(shape, dtype)
    np.put_along_axis(dx, known.place, -known.factor * each, axis)
    return dx


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="nll_loss", inputs=("x",), forward=forward, backward=backward)
