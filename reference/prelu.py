"""Parametric rectified linear unit: leaky ReLU with a learned slope.

For x of shape (N, C, ...) and weight w of shape (C,), one slope a channel, or (1,), one for all,

    y  = x  where x > 0,  w x  elsewhere
    dx = dy where x > 0,  w dy elsewhere
    dw = sum of x dy over the entries with x <= 0 that share the slope.

Channels lie on axis 1; an array without that axis has one. The derivative at the kink, x = 0, is w,
as in torch. He et al., Delving deep into rectifiers; text B of the worked examples (B7).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._blocks import in_blocks
from ._checks import check_cotangent, check_floating, check_same_dtype
from ._choice import choose
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs."""

    x: Array
    weight: Array


def forward(x: Array, weight: Array) -> tuple[Array, Cache]:
    """Scale what is negative.

    Parameters
    ----------
    x : array of shape (N, C, ...)
        Input.
    weight : array of shape (C,) or (1,)
        Slopes.

    Returns
    -------
    y : array, of the shape of ``x``
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit together.
    """
    _check(x, weight)
    with np.errstate(over="ignore"):
        y = in_blocks(
            lambda x, slope: np.maximum(x, 0) + slope * np.minimum(x, 0), x, _across(weight, x)
        )
    return y, Cache(x, weight)


def backward(dy: Array, cache: Cache) -> tuple[Array, Array]:
    """Scale the cotangent as the input was scaled, and sum up what each slope has seen.

    Parameters
    ----------
    dy : array
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array, of the shape of ``x``
    dweight : array, of the shape of ``weight``

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    x, weight = cache
    check_cotangent("prelu", dy, x.shape, x.dtype)
    shared = tuple(axis for axis in range(x.ndim) if axis != 1 or len(weight) == 1)
    with np.errstate(over="ignore"):
        dx = in_blocks(
            lambda x, dy, slope: dy * choose(x > 0, 1.0, slope), x, dy, _across(weight, x)
        )
        seen = in_blocks(lambda x, dy: choose(x > 0, 0.0, x * dy), x, dy)
        return dx, seen.sum(axis=shared).reshape(weight.shape)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="prelu", inputs=("x", "weight"), forward=forward, backward=backward)


def _across(weight: Array, x: Array) -> Array:
    """Return the channel's slope for each entry."""
    slope = weight.reshape(-1, *[1] * (x.ndim - 2)) if x.ndim > 1 else weight[0]
    return np.broadcast_to(slope, x.shape)


def _check(x: Array, weight: Array) -> None:
    check_floating("prelu", "x", x)
    check_floating("prelu", "weight", weight)
    check_same_dtype("prelu", "weight", weight, x)
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.shape not in ((1,), (channels,)):
        raise ValueError(
            f"prelu: weight has shape {weight.shape}, x has {channels} channels (axis 1 of shape "
            f"{x.shape}): give one slope for each, shape ({channels},), or one for all, shape (1,)"
        )
