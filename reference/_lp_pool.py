"""Power-average pooling along any number of axes: the p-norm of each window.

Powers are taken and summed in float64, for those of float16 and float32 overflow early.
"""

from __future__ import annotations

from functools import reduce
from math import isfinite
from typing import NamedTuple

import numpy as np

from ._checks import check_cotangent, check_images
from ._geometry import Axis, Geometry, slide
from ._layer import Layer
from ._types import Array, Indices, IntOrTuple
from ._window_sums import spread, sums


class Cache(NamedTuple):
    """What ``backward`` needs: x and y in float64, p, F for each window, the windows, the dtype."""

    x: Array
    y: Array
    p: float
    factor: Array
    geometry: Geometry
    dtype: np.dtype[np.floating]


class LpPool(NamedTuple):
    """Power-average pooling along some axes.

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
        norm_type: float,
        kernel_size: IntOrTuple,
        stride: IntOrTuple | None = None,
        ceil_mode: bool = False,
    ) -> tuple[Array, Cache]:
        """Take the p-norm of each window.

        Parameters
        ----------
        x : array of shape (N, C, ...)
            Images, with the layer's number of axes behind the channels.
        norm_type : float
            p, above 0.
        kernel_size : int or one for each axis
            Size of a window.
        stride : int or one for each axis, optional
            Step between windows; by default ``kernel_size``.
        ceil_mode : bool
            Keep a last window that hangs over the far edge.

        Returns
        -------
        y : array of shape (N, C, ...)
            Norms.
        cache : Cache
            For `backward`.

        Raises
        ------
        ValueError
            If shape, dtype or settings do not fit together.
        """
        check_images(self.name, x, self.axes)
        if not (isfinite(norm_type) and norm_type > 0):
            raise ValueError(
                f"{self.name}: norm_type={norm_type!r} is no power to take a root of: take one "
                f"above 0, or the max_pool{self.axes}d of |x| for the norm at infinity"
            )
        geometry = slide(
            self.name,
            x.shape[2:],
            kernel_size=kernel_size,
            stride=kernel_size if stride is None else stride,
            padding=0,
            ceil_mode=ceil_mode,
        )
        wide, p, factor = x.astype(np.float64), float(norm_type), _factor(geometry)
        with np.errstate(all="ignore"):  # a root of what is negative is NaN, as in torch
            y = (sums(wide**p, geometry) * factor) ** (1 / p)
            return y.astype(x.dtype), Cache(wide, y, p, factor, geometry, x.dtype)

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Pull each window's cotangent back through its root, then through the powers.

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
        x, y, p, factor, geometry, dtype = cache
        check_cotangent(self.name, dy, y.shape, dtype)
        with np.errstate(all="ignore"):
            root = np.where((y == 0) & (p != 1), 0, factor * y ** (1 - p))
            dx: Array = (x ** (p - 1) * spread(dy * root, geometry)).astype(dtype)
        return dx

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x",), self.forward, self.backward)


def _factor(geometry: Geometry) -> Array:
    """Return F: the size of the kernel over how much of the window lies on the image."""
    held: Indices = reduce(np.multiply.outer, [_held(axis) for axis in geometry.axes])
    factor: Array = np.prod(geometry.kernel) / held
    return factor


def _held(axis: Axis) -> Indices:
    start = np.arange(axis.out) * axis.stride
    return np.minimum(start + axis.kernel, axis.size) - start
