"""Average pooling.

For x of shape (N, C, L), 0 outside the image, and windows as in `conv1d`,

    y[n, c, a]  = (sum over i of x[n, c, a s - p + i]) / D[a]
    dx[n, c, r] = sum of dy[n, c, a] / D[a] over the windows a that hold r.

The divisor D counts the entries of the window that lie on the image, with ``count_include_pad``
those in its padding as well, but never those past the padding, where ``ceil_mode`` lets the last
window hang over.

Worked examples C3 and E4 (each value is spread evenly).
"""

from __future__ import annotations

from . import _avg_pool
from ._avg_pool import Cache
from ._layer import Layer
from ._types import Array, IntOrTuple


def forward(
    x: Array,
    *,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None = None,
    padding: IntOrTuple = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> tuple[Array, Cache]:
    """Take the mean of each window.

    Parameters
    ----------
    x : array of shape (N, C, L)
        Sequences.
    kernel_size : int or tuple of one int
        Size of a window.
    stride : int or tuple of one int, optional
        Step between windows; by default ``kernel_size``.
    padding : int or tuple of one int
        Border of zeros, at most half as wide as a window.
    ceil_mode : bool
        Keep a last window that hangs over the far edge.
    count_include_pad : bool
        Whether the divisor counts padding.

    Returns
    -------
    y : array of shape (N, C, OL)
        Means.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    return _avg_pool.forward(
        "avg_pool1d",
        x,
        axes=1,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )


def backward(dy: Array, cache: Cache) -> Array:
    """Spread each window's cotangent evenly over its entries.

    Parameters
    ----------
    dy : array of shape (N, C, OL)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C, L)

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    return _avg_pool.backward("avg_pool1d", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="avg_pool1d", inputs=("x",), forward=forward, backward=backward)
