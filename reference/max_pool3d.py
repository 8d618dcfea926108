"""Max pooling.

For x of shape (N, C, D, H, W) and windows as in `conv3d`, one channel at a time,

    y[n, c, a]  = max over i of x[n, c, a s - p + i d]
    dx[n, c, r] = sum of dy[n, c, a] over the windows a whose maximum lies at r.

Here a, i and r, and the settings s, p and d, are triples: (planes, rows, columns).

Padding counts as minus infinity and is never chosen: entries off the image take no part. Of equal
maxima the first in row-major order has the whole gradient; of several NaN the last, as in torch. A
voxel that is the maximum of several overlapping windows has all their cotangents, summed. A dilated
window may step over a small image altogether: its maximum is minus infinity, and its cotangent goes
nowhere.

Goodfellow et al., Deep Learning, section 9.3; worked examples C3 and E4.
"""

from __future__ import annotations

from . import _max_pool
from ._layer import Layer
from ._max_pool import Cache
from ._types import Array, IntOrTuple


def forward(
    x: Array,
    *,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None = None,
    padding: IntOrTuple = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Cache]:
    """Take the largest entry of each window.

    Parameters
    ----------
    x : array of shape (N, C, D, H, W)
        Volumes.
    kernel_size : int or tuple of three ints
        Size of a window.
    stride : int or tuple of three ints, optional
        Step between windows; by default ``kernel_size``.
    padding : int or tuple of three ints
        Ring of minus infinity, at most half as wide as the kernel.
    dilation : int or tuple of three ints
        Step between the entries of a window.
    ceil_mode : bool
        Keep a last window that hangs over the far edge.

    Returns
    -------
    y : array of shape (N, C, OD, OH, OW)
        Maxima.
    cache : Cache
        For `backward`; ``cache.indices`` are what torch returns beside the maxima with
        ``return_indices=True``: places in the volume, laid out flat.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    return _max_pool.forward(
        "max_pool3d",
        x,
        axes=3,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
    )


def backward(dy: Array, cache: Cache) -> Array:
    """Send each window's cotangent to the entry that it chose.

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
    return _max_pool.backward("max_pool3d", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="max_pool3d", inputs=("x",), forward=forward, backward=backward)
