"""Softmax.

Along one axis ``dim`` of x, of any shape,

    y  = exp(x) / sum of exp(x)
    dx = y (dy - sum of y dy)

How no digit is lost is told in `_shares`. Goodfellow et al., Deep Learning, section 4.1.
"""

from __future__ import annotations

from . import _shares
from ._layer import Layer
from ._shares import Cache
from ._types import Array


def forward(x: Array, *, dim: int) -> tuple[Array, Cache]:
    """Turn entries into shares that add to 1.

    Parameters
    ----------
    x : array
        Input, with at least one axis.
    dim : int
        The axis, counted from the front or, negative, from the back.

    Returns
    -------
    y : array, of the shape of ``x``
        Output.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If ``x`` is not an array of floating point or has no such axis.
    """
    return _shares.forward("softmax", x, dim)


def backward(dy: Array, cache: Cache) -> Array:
    """Return y (dy - sum of y dy).

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
    return _shares.backward("softmax", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="softmax", inputs=("x",), forward=forward, backward=backward)
