"""Cross entropy of logits and classes.

For logits x of shape (N, C, ...), or (C,), and one class t for each of the other entries, before
the reduction,

    y  = -sum over the classes c of q[c] log(p[c]),   p the softmax of x along the classes
    dx = dy (Q p - q),                                Q = sum of q[c]

where q[c] = w[c] ((1 - e) [c = t] + e / C), with the weights w of the classes and e the label
smoothing. Targets equal to ``ignore_index`` give 0. The mean divides by the weights of all targets,
w[t]. For targets that are probabilities, see `soft_cross_entropy`.

Goodfellow et al., Deep Learning, section 6.2.2.3; Szegedy et al., Rethinking the inception
architecture, 2016 (label smoothing).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent
from ._class_targets import class_axis, class_targets, class_weights
from ._cross_entropy import logarithms, losses, slope
from ._layer import Layer
from ._reduction import check_reduction, reduced, spread
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: log(p), q, what the mean divides by, and the reduction."""

    logs: Array
    shares: Array
    share: float
    reduction: str


def forward(
    x: Array,
    target: Any,
    *,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Array, Cache]:
    """Compare logits with classes.

    Parameters
    ----------
    x : array of shape (N, C, ...) or (C,)
        Logits.
    target : array or nested sequence of int, of shape (N, ...) or ()
        Classes, from 0 to C - 1.
    weight : array or sequence of shape (C,), optional
        Weights of the classes.
    ignore_index : int
        Stands for no class.
    reduction : str
        ``"none"``, ``"mean"`` or ``"sum"``.
    label_smoothing : float
        The part, e, that all classes share.

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
    known = class_targets("cross_entropy", x, target, weight, ignore_index)
    check_reduction("cross_entropy", reduction)
    axis, smooth = class_axis(x), float(label_smoothing)
    weights = class_weights("cross_entropy", x, weight) * x.dtype.type(smooth / x.shape[axis])
    ignored = np.expand_dims(np.asarray(target) == ignore_index, axis)
    shares = np.where(ignored, 0, np.broadcast_to(weights, x.shape)).astype(x.dtype)
    own = np.take_along_axis(shares, known.place, axis) + (1 - smooth) * known.factor
    np.put_along_axis(shares, known.place, own, axis)
    logs = logarithms(x, axis)
    y = reduced(losses(logs, shares, axis), reduction, known.share)
    return y, Cache(logs, shares, known.share, reduction)


def backward(dy: Array, cache: Cache) -> Array:
    """Return dy (Q p - q).

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
    logs, shares, share, reduction = cache
    axis = class_axis(logs)
    kept = logs.shape[:axis] + logs.shape[axis + 1 :]
    check_cotangent("cross_entropy", dy, kept if reduction == "none" else (), logs.dtype)
    each = np.expand_dims(spread(dy, kept, reduction, share), axis)
    return np.asarray(each * slope(logs, shares, axis))


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="cross_entropy", inputs=("x",), forward=forward, backward=backward)
