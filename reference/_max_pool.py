"""Max pooling along any number of axes: which entry each window chose, and the way back to it.

A window is a box, so its maximum is the maximum along columns of the maxima along rows: kh + kw
comparisons an output in place of kh kw. Which entry it is, is told by its rank, counted from the
window's last entry, in row-major order, at 0. Of equal maxima the first has the highest rank, and
that is a maximum again: nothing here looks at one window by itself.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from math import prod
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._checks import check_cotangent, check_images
from ._geometry import Axis, Geometry, check_pool_padding, slide
from ._layer import Layer
from ._places import scatter
from ._spans import along, spans, steps
from ._types import Array, Flags, Indices, IntOrTuple

Ranks: TypeAlias = NDArray[np.unsignedinteger[Any]]
"""Small integers, which are quicker to compare than positions."""


class Cache(NamedTuple):
    """What ``backward`` needs: the rank of the entry that each window chose, the windows."""

    ranks: Ranks
    geometry: Geometry
    dtype: np.dtype[np.floating]

    @property
    def indices(self) -> Indices:
        """Where each maximum lies in its plane, laid out flat; -1 for a window that holds nothing.

        These are the indices that torch returns beside the maxima with ``return_indices=True``.
        """
        layout = _layout(self.geometry.axes)
        places: Indices = layout.entries[self.ranks]
        places += layout.corners
        return places if layout.held.all() else np.where(layout.held, places, -1)


class MaxPool(NamedTuple):
    """Max pooling along some axes.

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
        self,
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
        x : array of shape (N, C, ...)
            Images, with the layer's number of axes behind the channels.
        kernel_size : int or one for each axis
            Size of a window.
        stride : int or one for each axis, optional
            Step between windows; by default ``kernel_size``.
        padding : int or one for each axis
            Border of minus infinity, at most half as wide as the kernel.
        dilation : int or one for each axis
            Step between the entries of a window.
        ceil_mode : bool
            Keep a last window that hangs over the far edge.

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
        check_images(self.name, x, self.axes)
        geometry = slide(
            self.name,
            x.shape[2:],
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )
        check_pool_padding(self.name, geometry)
        y, ranks = x, np.zeros(x.shape, np.min_scalar_type(prod(geometry.kernel)))
        for number, _ in steps(geometry):
            y, ranks = _maxima(y, ranks, number, geometry)
        return y, Cache(ranks, geometry, x.dtype)

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
        check_cotangent(self.name, dy, cache.ranks.shape, cache.dtype)
        places = cache.indices
        lost = places < 0
        if lost.any():  # what belongs to no entry is dropped
            places, dy = np.where(lost, 0, places), np.where(lost, 0, dy)
        return scatter(dy, places, cache.geometry.size)

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x",), self.forward, self.backward)


def _maxima(x: Array, ranks: Ranks, number: int, geometry: Geometry) -> tuple[Array, Ranks]:
    """Return the maxima along one axis of ``x``, whose entries have ``ranks``, and their ranks."""
    axis, step = geometry.axes[number], prod(geometry.kernel[number + 1 :])
    shape = (*x.shape[: 2 + number], axis.out, *x.shape[3 + number :])
    best, chosen = np.full(shape, -np.inf, x.dtype), np.zeros(shape, ranks.dtype)
    each = [(along(number, o), along(number, at), axis.kernel - 1 - i) for i, o, at in spans(axis)]
    for windows, places, _ in each:
        np.maximum(best[windows], x[places], out=best[windows])
    for windows, places, behind in each:
        rank = ranks[places] + ranks.dtype.type(behind * step)
        rank *= x[places] == best[windows]
        np.maximum(chosen[windows], rank, out=chosen[windows])
    if np.isnan(best).any():  # NaN equals nothing; of several the last is chosen, as in torch
        for windows, places, behind in each:
            rank = ranks[places] + ranks.dtype.type(behind * step)
            np.copyto(chosen[windows], rank, where=np.isnan(x[places]))
    return best, chosen


class _Layout(NamedTuple):
    """Where windows lie in a plane laid out flat.

    Attributes
    ----------
    entries : Indices
        How far the entry of each rank lies behind the window's first.
    corners : Indices
        Where the first entry of each window lies.
    held : Flags
        Which windows hold an entry of the image: a dilated one may step over all of them.
    """

    entries: Indices
    corners: Indices
    held: Flags


@lru_cache(maxsize=256)
def _layout(axes: tuple[Axis, ...]) -> _Layout:
    sizes = [axis.size for axis in axes]
    entries = _flat([np.arange(axis.kernel) * axis.dilation for axis in axes], sizes)
    corners = _flat([np.arange(axis.out) * axis.stride - axis.before for axis in axes], sizes)
    on: list[Flags] = [
        np.any((axis.positions >= 0) & (axis.positions < axis.size), axis=0) for axis in axes
    ]
    return _Layout(entries.reshape(-1)[::-1], corners, reduce(np.logical_and.outer, on))


def _flat(along_axes: list[Indices], sizes: list[int]) -> Indices:
    """Return the places in the flat plane of all combinations of places along the axes."""
    planes = [prod(sizes[number + 1 :]) for number in range(len(sizes))]
    each = [places * step for places, step in zip(along_axes, planes, strict=True)]
    flat: Indices = reduce(np.add.outer, each)
    return flat
