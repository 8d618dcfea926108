"""Max unpooling: entries go back to where `max_pool3d` found them, among zeros.

For x of shape (N, C, D, H, W) and indices of the same shape, one channel at a time,

    y[n, c, indices[n, c, a]] = x[n, c, a], and 0 elsewhere
    dx[n, c, a]               = dy[n, c, indices[n, c, a]].

Indices are places in the volume, laid out flat. Where windows of the pool overlap, a place may be
named twice: the last entry stays, and it alone has the gradient; torch hands it to both.

Along each axis the output has (L - 1) s - 2 p + k places, or ``output_size``, which is less than a
stride away.

Zeiler, Fergus, Visualizing and understanding convolutional networks, 2014, section 2.1;
``torch.nn.functional.max_unpool3d``.
"""

from __future__ import annotations

from typing import Any

from . import _max_unpool
from ._layer import Layer
from ._max_unpool import Cache
from ._types import Array, IntOrTuple


def forward(
    x: Array,
    *,
    indices: Any,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None = None,
    padding: IntOrTuple = 0,
    output_size: IntOrTuple | None = None,
) -> tuple[Array, Cache]:
    """Put each entry at its place.

    Parameters
    ----------
    x : array of shape (N, C, D, H, W)
        Volumes.
    indices : array_like of ints, of the shape of ``x`` or stretched to it
        The ``cache.indices`` of the pool.
    kernel_size : int or tuple of three ints
        Size of the pool's windows.
    stride : int or tuple of three ints, optional
        Step between them; by default ``kernel_size``.
    padding : int or tuple of three ints
        The pool's padding.
    output_size : int or tuple of three ints, optional
        Size of the output, where the pool dropped a remainder.

    Returns
    -------
    y : array of shape (N, C, OD, OH, OW)
        The entries among zeros.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    return _max_unpool.forward(
        "max_unpool3d",
        x,
        indices,
        axes=3,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        output_size=output_size,
    )


def backward(dy: Array, cache: Cache) -> Array:
    """Fetch the cotangent of each entry's place.

    Parameters
    ----------
    dy : array of shape (N, C, OD, OH, OW)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C, D, H, W)

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    return _max_unpool.backward("max_unpool3d", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="max_unpool3d", inputs=("x",), forward=forward, backward=backward)
