"""Adaptive max pooling along any number of axes: maxima, and where in the plane they lie.

Each window is laid out flat, row after row, so that the first of equal maxima is the first in
row-major order. Windows of one axis differ by a place or two in length: a shorter one tells its
last place again, which changes neither the maximum nor which place comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ._adaptive import fit, spread_out
from ._checks import check_cotangent
from ._layer import Layer
from ._places import scatter
from ._types import Array, Indices


class Cache(NamedTuple):
    """What ``backward`` needs: where each maximum lies, the size of the images, the dtype.

    Attributes
    ----------
    indices : Indices
        Places in planes laid out flat, those that torch returns with ``return_indices=True``.
    """

    indices: Indices
    size: tuple[int, ...]
    dtype: np.dtype[np.floating]


class AdaptiveMaxPool(NamedTuple):
    """Adaptive max pooling along some axes.

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
        """Take the largest entry of each window.

        Parameters
        ----------
        x : array of shape (N, C, ...)
            Images, with the layer's number of axes behind the channels.
        output_size : int, None, or one of them for each axis
            Number of windows along each axis; None keeps the size of an axis.

        Returns
        -------
        y : array of shape (N, C, ...)
            Maxima.
        cache : Cache
            For `backward`; ``cache.indices`` are what torch returns beside the maxima with
            ``return_indices=True``: places in the image, laid out flat.

        Raises
        ------
        ValueError
            If shape, dtype or settings do not fit together.
        """
        windows = fit(self.name, x, output_size, self.axes)
        size, shape = x.shape[2:], (*x.shape[:2], *map(len, windows))
        places = _places(size, shape[2:])
        planes = x.reshape(*shape[:2], prod(size))
        chosen = _first(planes.take(places, axis=2))
        indices: Indices = places[np.arange(len(places)), chosen]
        maxima = np.take_along_axis(planes, indices, 2)
        return maxima.reshape(shape), Cache(indices.reshape(shape), size, x.dtype)

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Send each window's cotangent to the entry that it chose.

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
        check_cotangent(self.name, dy, cache.indices.shape, cache.dtype)
        return scatter(dy, cache.indices, cache.size)

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x",), self.forward, self.backward)


def _first(x: Array) -> Indices:
    """Return the place of the first maximum along the last axis, as in torch of the last NaN."""
    first: Indices = x.argmax(axis=-1)
    nan = np.isnan(x)
    if nan.any():
        last = x.shape[-1] - 1 - np.flip(nan, -1).argmax(axis=-1)
        first = np.where(nan.any(axis=-1), last, first)
    return first


@lru_cache(maxsize=256)
def _places(size: tuple[int, ...], out: tuple[int, ...]) -> Indices:
    """Return the places of each window in a plane laid out flat: one window a row."""
    places = np.zeros((1, 1), np.intp)
    for n, count in zip(size, out, strict=True):
        begin, end = np.array([(w.start, w.stop) for w in spread_out(n, count)]).T
        along = np.minimum(begin[:, None] + np.arange(max(end - begin)), end[:, None] - 1)
        both = places[:, None, :, None] * n + along[:, None]
        places = both.reshape(len(places) * count, -1)
    return places
