"""Gated linear unit.

Along one axis ``dim`` of x, of any shape,

    y       = a s(b),          a, b the two halves of x,  s(b) = 1 / (1 + exp(-b))
    da, db  = dy s(b),  dy a s(b) s(-b)

Dauphin et al., Language modeling with gated convolutional networks, 2017.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._blocks import blocks, in_blocks, widened
from ._checks import as_axis, check_cotangent, check_floating
from ._layer import Layer
from ._logistic import sigmoid
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: the input, and the axis."""

    x: Array
    axis: int


def forward(x: Array, *, dim: int = -1) -> tuple[Array, Cache]:
    """Scale the first half of the entries by the sigmoid of the second.

    Parameters
    ----------
    x : array
        Input, with at least one axis.
    dim : int
        The axis, counted from the front or, negative, from the back.

    Returns
    -------
    y : array, of the shape of ``x`` with half of the axis
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If ``x`` is not an array of floating point or has no such axis.
    """
    check_floating("glu", "x", x)
    axis = as_axis("glu", "dim", dim, x.ndim)
    if x.shape[axis] % 2:
        raise ValueError(
            f"glu: axis {dim} of x has {x.shape[axis]} entries, an odd number, and the layer "
            f"halves them: give an even one"
        )
    a, b = np.split(x, 2, axis=axis)
    return in_blocks(lambda a, b: sigmoid(b) * a, a, b), Cache(x, axis)


def backward(dy: Array, cache: Cache) -> Array:
    """Return the gradients for both halves, side by side.

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
    x, axis = cache
    a, b = np.split(x, 2, axis=axis)
    check_cotangent("glu", dy, a.shape, x.dtype)
    dx = np.empty_like(x)
    da, db = np.split(dx, 2, axis=axis)
    for *parts, of_a, of_b in blocks(dy, a, b, da, db):
        pull, gated, gate = map(widened, parts)
        share = sigmoid(gate)
        share *= pull
        of_a[...] = share
        share *= gated
        share *= sigmoid(-gate)
        of_b[...] = share
    return dx


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="glu", inputs=("x",), forward=forward, backward=backward)
