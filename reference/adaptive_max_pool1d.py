"""Adaptive max pooling: the largest entries of as many windows as are asked for.

For x of shape (N, C, L),

    y[n, c, a]  = max of x[n, c, r] over the places r of window a
    dx[n, c, r] = sum of dy[n, c, a] over the windows a whose maximum lies at r.

Along an axis of n places, window o of ``out`` holds those from floor(o n / out) to
ceil((o + 1) n / out) - 1: windows may overlap by one place, and they leave none out. Of equal
maxima the first has the whole gradient; of several NaN the last, as in torch.

He et al., Spatial pyramid pooling in deep convolutional networks, 2015, section 3.2;
``torch.nn.functional.adaptive_max_pool1d``.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import _adaptive_max_pool
from ._adaptive_max_pool import Cache
from ._layer import Layer
from ._types import Array


def forward(x: Array, *, output_size: int | Sequence[int | None] | None) -> tuple[Array, Cache]:
    """Take the largest entry of each window.

    Parameters
    ----------
    x : array of shape (N, C, L)
        Sequences.
    output_size : int, None, or tuple of one of them
        Number of windows; None keeps the size of the axis.

    Returns
    -------
    y : array of shape (N, C, OL)
        Maxima.
    cache : Cache
        For `backward`; ``cache.indices`` are what torch returns beside the maxima with
        ``return_indices=True``: places in the sequence.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    return _adaptive_max_pool.forward("adaptive_max_pool1d", x, output_size, axes=1)


def backward(dy: Array, cache: Cache) -> Array:
    """Send each window's cotangent to the entry that it chose.

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
    return _adaptive_max_pool.backward("adaptive_max_pool1d", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="adaptive_max_pool1d", inputs=("x",), forward=forward, backward=backward)
