"""Dropout with a given mask.

For x of any shape and a mask that is 1 where an entry stays and 0 where it is dropped,

    y  = x mask / (1 - p)
    dx = dy mask / (1 - p).

With entries dropped with probability p the division keeps each entry's mean, so that nothing is
scaled when the network is used. The mask is drawn outside, since a layer that draws is no function
of its inputs. A mask of shape (N, C, 1, 1) drops whole channels: it is stretched as NumPy does.

Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014;
Goodfellow et al., Deep Learning, section 7.12.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: the mask in the shape of x, and 1 - p."""

    mask: Array
    keep: float


def forward(x: Array, *, mask: Any, p: float = 0.5) -> tuple[Array, Cache]:
    """Drop what the mask drops, and scale up what stays.

    Parameters
    ----------
    x : array
        Input.
    mask : array_like, of the shape of ``x`` or stretched to it
        1 where an entry stays, 0 where it is dropped: ``rng.random(x.shape) >= p``.
    p : float
        Probability of being dropped, from 0 to below 1.

    Returns
    -------
    y : array, of the shape of ``x``
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If dtype, shape or probability do not fit.
    """
    check_floating("dropout", "x", x)
    if not 0 <= p < 1:
        raise ValueError(
            f"dropout: p={p!r} is no probability below 1, and 1 - p divides: for p = 1 write zeros"
        )
    stays = _stretched(np.array(mask, x.dtype), x.shape)
    return _kept(x, stays, 1 - p), Cache(stays, 1 - p)


def backward(dy: Array, cache: Cache) -> Array:
    """Drop the cotangent where the input was dropped.

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
    check_cotangent("dropout", dy, cache.mask.shape, cache.mask.dtype)
    return _kept(dy, *cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="dropout", inputs=("x",), forward=forward, backward=backward)


def _kept(array: Array, mask: Array, keep: float) -> Array:
    return np.asarray(array * mask / array.dtype.type(keep))


def _stretched(mask: Array, shape: tuple[int, ...]) -> Array:
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(
            f"dropout: the mask has shape {mask.shape}, x has {shape}: give one number for each "
            f"entry, or an axis of length 1 to drop along it as one"
        ) from None
