"""Average pooling along any number of axes: sums of windows, each divided by what it counts."""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple

import numpy as np

from ._checks import as_int, check_cotangent, check_images
from ._geometry import Axis, Geometry, check_pool_padding, slide
from ._layer import Layer
from ._types import Array, Indices, IntOrTuple
from ._window_sums import spread, sums


class Cache(NamedTuple):
    """What ``backward`` needs: the shape of the output, D for each window, the windows."""

    shape: tuple[int, ...]
    divisor: Array
    geometry: Geometry


class AvgPool(NamedTuple):
    """Average pooling along some axes.

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
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> tuple[Array, Cache]:
        """Take the mean of each window.

        Parameters
        ----------
        x : array of shape (N, C, ...)
            Images, with the layer's number of axes behind the channels.
        kernel_size : int or one for each axis
            Size of a window.
        stride : int or one for each axis, optional
            Step between windows; by default ``kernel_size``.
        padding : int or one for each axis
            Border of zeros, at most half as wide as a window.
        ceil_mode : bool
            Keep a last window that hangs over the far edge.
        count_include_pad : bool
            Whether the divisor counts the padding.
        divisor_override : int, optional
            Divisor of every window; torch has it from two axes on.

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
        check_images(self.name, x, self.axes)
        geometry = slide(
            self.name,
            x.shape[2:],
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=padding,
            ceil_mode=ceil_mode,
        )
        check_pool_padding(self.name, geometry)
        if divisor_override is None:
            divisor = _counts(geometry, count_include_pad)
        else:
            divisor = np.full(geometry.out, _nonzero(self.name, divisor_override))
        cache = Cache(x.shape[:2] + geometry.out, divisor.astype(x.dtype), geometry)
        return sums(x, geometry) / cache.divisor, cache

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
        shape, divisor, geometry = cache
        check_cotangent(self.name, dy, shape, divisor.dtype)
        return spread(dy / divisor, geometry)

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x",), self.forward, self.backward)


def _counts(geometry: Geometry, count_include_pad: bool) -> Indices:
    """Count the entries of each window, the product of its counts along the axes."""
    along = [_counted(axis, count_include_pad) for axis in geometry.axes]
    counts: Indices = reduce(np.multiply.outer, along)
    return counts


def _counted(axis: Axis, count_include_pad: bool) -> Indices:
    ring = axis.before if count_include_pad else 0
    start = np.arange(axis.out) * axis.stride - axis.before
    return np.minimum(start + axis.kernel, axis.size + ring) - np.maximum(start, -ring)


def _nonzero(layer: str, divisor: int) -> int:
    if as_int(layer, "divisor_override", divisor) == 0:
        raise ValueError(
            f"{layer}: divisor_override=0 divides by zero: give another int, or None to divide "
            f"by the number of entries"
        )
    return divisor
