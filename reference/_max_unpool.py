"""Max unpooling along any number of axes: values go back to the places that a max pool named."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent, check_images
from ._geometry import as_tuple
from ._layer import Layer
from ._places import gather, put
from ._types import Array, Flags, Indices, IntOrTuple


class Cache(NamedTuple):
    """What ``backward`` needs: the places, whose value stayed there, the output's size, dtype."""

    places: Indices
    stayed: Flags
    size: tuple[int, ...]
    dtype: np.dtype[np.floating]


class MaxUnpool(NamedTuple):
    """Max unpooling along some axes.

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
        indices: Any,
        kernel_size: IntOrTuple,
        stride: IntOrTuple | None = None,
        padding: IntOrTuple = 0,
        output_size: IntOrTuple | None = None,
    ) -> tuple[Array, Cache]:
        """Put each entry at its place in an image of zeros.

        Parameters
        ----------
        x : array of shape (N, C, ...)
            Images, with the layer's number of axes behind the channels.
        indices : array_like of ints, of the shape of ``x`` or stretched to it
            The ``cache.indices`` of the pool: places in the image, laid out flat.
        kernel_size : int or one for each axis
            Size of the pool's windows.
        stride : int or one for each axis, optional
            Step between them; by default ``kernel_size``.
        padding : int or one for each axis
            The pool's padding.
        output_size : int or one for each axis, optional
            Size of the output, where the pool dropped a remainder.

        Returns
        -------
        y : array of shape (N, C, ...)
            The entries among zeros.
        cache : Cache
            For `backward`.

        Raises
        ------
        ValueError
            If shape, dtype or settings do not fit together.
        """
        check_images(self.name, x, self.axes)
        step = kernel_size if stride is None else stride
        kernel = as_tuple(self.name, "kernel_size", kernel_size, self.axes, at_least=1)
        steps = as_tuple(self.name, "stride", step, self.axes, at_least=1)
        before = as_tuple(self.name, "padding", padding, self.axes, at_least=0)
        settings = zip(x.shape[2:], kernel, steps, before, strict=True)
        usual = tuple([(n - 1) * s - 2 * p + k for n, k, s, p in settings])
        size = _size(self.name, output_size, usual, steps)
        places = _places(self.name, indices, x, size)
        order = np.arange(x.size).reshape(x.shape)
        stayed: Flags = gather(put(order, places, size), places) == order
        return put(x, places, size), Cache(places, stayed, size, x.dtype)

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Fetch the cotangent of each place; a value that did not stay there has none.

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
        places, stayed, size, dtype = cache
        check_cotangent(self.name, dy, places.shape[:2] + size, dtype)
        return np.where(stayed, gather(dy, places), dtype.type(0))

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x",), self.forward, self.backward)


def _size(
    layer: str, wanted: IntOrTuple | None, usual: tuple[int, ...], steps: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the size of the output, less than a stride away from the usual one."""
    given = usual if wanted is None else wanted
    size = as_tuple(layer, "output_size", given, len(usual), at_least=1)
    if any(abs(n - u) >= s for n, u, s in zip(size, usual, steps, strict=True)):
        raise ValueError(
            f"{layer}: output_size={wanted!r} is no size that such windows come from: take one "
            f"less than a stride {steps} away from {usual}"
        )
    return size


def _places(layer: str, indices: Any, x: Array, size: tuple[int, ...]) -> Indices:
    """Return the indices in the shape of ``x``; raise ValueError unless each is a place."""
    places = np.asarray(indices)
    own = x.shape[x.ndim - min(places.ndim, x.ndim) :]
    fits = len(own) == places.ndim and all(map(np.isin, places.shape, [(1, n) for n in own]))
    if not fits or places.dtype.kind not in "iu":
        raise ValueError(
            f"{layer}: indices have shape {places.shape} and dtype {places.dtype}, x has shape "
            f"{x.shape}: give one int for each entry of x, the cache.indices of a max pool"
        )
    if not 0 <= places.min(initial=0) <= places.max(initial=0) < prod(size):
        raise ValueError(
            f"{layer}: indices run from {places.min()} to {places.max()}, and planes of size "
            f"{size} have places 0 to {prod(size) - 1}: give output_size, if the pool dropped a "
            f"remainder"
        )
    return np.broadcast_to(places.astype(np.intp), x.shape)
