"""Adaptive average pooling along any number of axes: sums of windows, each divided by its size.

A window is a box, so its sum is the sum along columns of the sums along rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from ._adaptive import Windows, fit, lengths, one
from ._checks import check_cotangent
from ._layer import Layer
from ._spans import along
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the size of the input, the windows, how much each one holds."""

    shape: tuple[int, ...]
    windows: tuple[Windows, ...]
    divisor: Array


class AdaptiveAvgPool(NamedTuple):
    """Adaptive average pooling along some axes.

    Attributes
    ----------
    name : str
        Name of the layer and of its contract.
    axes : int
        Number of axes of an image.
    """

    name: str
    axes: int

    def forward(
        self, x: Array, *, output_size: int | Sequence[int | None] | None
    ) -> tuple[Array, Cache]:
        """Take the mean of each window.

        Parameters
        ----------
        x : array of shape (N, C, ...)
            Images, with the layer's number of axes behind the channels.
        output_size : int, None, or one of them for each axis
            Number of windows along each axis; None keeps the size of an axis.

        Returns
        -------
        y : array of shape (N, C, ...)
            Means.
        cache : Cache
            For `backward`.

        Raises
        ------
        ValueError
            If shape, dtype or settings do not fit together.
        """
        windows = fit(self.name, x, output_size, self.axes)
        divisor = reduce(np.multiply.outer, [lengths(w) for w in windows]).astype(x.dtype)
        cache = Cache(x.shape, windows, divisor)
        for number in range(self.axes):
            x = _sums(x, number, windows[number])
        return x / divisor, cache

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Spread each window's cotangent evenly over its entries.

        Parameters
        ----------
        dy : array of the shape of the output
            Cotangent of the output.
        cache : Cache
            From `forward`.

        Returns
        -------
        dx : array of the shape of ``x``

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        shape, windows, divisor = cache
        check_cotangent(self.name, dy, shape[:2] + divisor.shape, divisor.dtype)
        share: Array = dy / divisor
        for number in reversed(range(len(windows))):
            share = _spread(share, number, windows[number], shape[2 + number])
        return share

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x",), self.forward, self.backward)


def _sums(x: Array, number: int, windows: Windows) -> Array:
    y = np.empty((*x.shape[: 2 + number], len(windows), *x.shape[3 + number :]), x.dtype)
    for o, window in enumerate(windows):
        x[along(number, window)].sum(axis=2 + number, keepdims=True, out=y[along(number, one(o))])
    return y


def _spread(w: Array, number: int, windows: Windows, size: int) -> Array:
    x = np.zeros((*w.shape[: 2 + number], size, *w.shape[3 + number :]), w.dtype)
    for o, window in enumerate(windows):
        x[along(number, window)] += w[along(number, one(o))]
    return x
