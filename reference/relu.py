"""Rectified linear unit.

For x of any shape, entry by entry,

    y  = max(x, 0)
    dx = dy where x > 0, 0 elsewhere.

The derivative at the kink, x = 0, is 0, as in torch. NaN passes both ways. Goodfellow et al., Deep
Learning, section 6.3.1; text B of the worked examples (B7).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._blocks import in_blocks
from ._checks import check_cotangent, check_floating
from ._choice import choose
from ._layer import Layer
from ._types import Array, Flags

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: where x <= 0, and the dtype."""

    blocked: Flags
    dtype: np.dtype[np.floating]


def forward(x: Array) -> tuple[Array, Cache]:
    """Cut off what is negative.

    Parameters
    ----------
    x : array
        Input.

    Returns
    -------
    y : array, of the shape of ``x``
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If ``x`` is not an array of floating point.
    """
    check_floating("relu", "x", x)
    blocked = x <= 0
    return in_blocks(lambda x: np.maximum(x, 0), x), Cache(blocked, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Pass the cotangent where the input was positive.

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
    blocked, dtype = cache
    check_cotangent("relu", dy, blocked.shape, dtype)
    return in_blocks(lambda dy, blocked: choose(blocked, 0.0, dy), dy, blocked)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="relu", inputs=("x",), forward=forward, backward=backward)
