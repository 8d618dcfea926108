"""Cross entropy of logits and probabilities: ``torch.nn.functional.cross_entropy`` of such targets.

For logits x and probabilities t of shape (N, C, ...), or (C,), before the reduction,

    y     = -sum over the classes c of q[c] log(p[c]),   p the softmax of x along the classes
    dx    = dy (Q p - q),                                Q = sum of q[c]
    dt[c] = -dy w[c] (1 - e) log(p[c])

where q[c] = w[c] ((1 - e) t[c] + e / C), with the weights w of the classes and e the label
smoothing. The mean divides by the number of entries of y, whatever they weigh.

Goodfellow et al., Deep Learning, section 6.2.2.3; Hinton, Vinyals and Dean, Distilling the
knowledge in a neural network, 2015 (soft targets).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating, check_same_dtype
from ._class_targets import class_axis, class_weights
from ._cross_entropy import logarithms, losses, slope
from ._layer import Layer
from ._reduction import check_reduction, reduced, spread
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: log(p), q, the factors of t in q, and the reduction."""

    logs: Array
    shares: Array
    factors: Array
    reduction: str


def forward(
    x: Array,
    target: Array,
    *,
    weight: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Array, Cache]:
    """Compare logits with probabilities.

    Parameters
    ----------
    x : array of shape (N, C, ...) or (C,)
        Logits.
    target : array, of the shape of ``x``
        Probabilities.
    weight : array or sequence of shape (C,), optional
        Weights of the classes.
    reduction : str
        ``"none"``, ``"mean"`` or ``"sum"``.
    label_smoothing : float
        The part, e, that all classes share.

    Returns
    -------
    y : array of shape (N, ...), or without axes
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit together, or the reduction is unknown.
    """
    check_floating("soft_cross_entropy", "x", x)
    check_floating("soft_cross_entropy", "target", target)
    check_same_dtype("soft_cross_entropy", "target", target, x)
    check_reduction("soft_cross_entropy", reduction)
    if target.shape != x.shape or x.ndim == 0:
        raise ValueError(
            f"soft_cross_entropy: target has shape {target.shape}, x has {x.shape}: give one "
            f"probability for each logit"
        )
    axis, smooth = class_axis(x), float(label_smoothing)
    weights = class_weights("soft_cross_entropy", x, weight)
    shares = weights * ((1 - smooth) * target + smooth / x.shape[axis])
    logs = logarithms(x, axis)
    each = losses(logs, shares, axis)
    y = reduced(each, reduction, each.size)
    return y, Cache(logs, shares, weights * (1 - smooth), reduction)


def backward(dy: Array, cache: Cache) -> tuple[Array, Array]:
    """Return dy (Q p - q) and -dy w (1 - e) log(p).

    Parameters
    ----------
    dy : array
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx, dtarget : array, of the shape of ``x``

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    logs, shares, factors, reduction = cache
    axis = class_axis(logs)
    kept = logs.shape[:axis] + logs.shape[axis + 1 :]
    check_cotangent("soft_cross_entropy", dy, kept if reduction == "none" else (), logs.dtype)
    count = int(np.prod(kept))
    each = np.expand_dims(spread(dy, kept, reduction, count), axis)
    return np.asarray(each * slope(logs, shares, axis)), np.asarray(-each * factors * logs)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer("soft_cross_entropy", ("x", "target"), forward, backward)
