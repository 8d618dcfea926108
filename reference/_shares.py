"""Softmax and softmin: the shares of exp(s x) along one axis, s = 1 or -1, and the way back.

    y  = exp(s x) / sum of exp(s x)
    dx = s y (d - sum of y d),    d = dy - dy of the largest share

The largest s x is taken off first: it changes nothing but keeps exp from overflowing. Nor does it
change anything to take one cotangent off all, since shares add to 1, but where the largest is all
but 1 what is left of dx does not hang on its rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._checks import as_axis, check_cotangent, check_floating
from ._layer import Layer
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the output, and the axis."""

    y: Array
    axis: int


class Shares(NamedTuple):
    """Softmax or softmin.

    Attributes
    ----------
    name : str
        Name of the layer and of its contract.
    sign : int
        s.
    """

    name: str
    sign: int

    def forward(self, x: Array, *, dim: int) -> tuple[Array, Cache]:
        """Turn entries into shares that add to 1.

        Parameters
        ----------
        x : array
            Input, with at least one axis.
        dim : int
            The axis, counted from the front or, negative, from the back.

        Returns
        -------
        y : array, of the shape of ``x``
            Output.
        cache : Cache
            For `backward`.

        Raises
        ------
        ValueError
            If ``x`` is not an array of floating point or has no such axis.
        """
        check_floating(self.name, "x", x)
        axis = as_axis(self.name, "dim", dim, x.ndim)
        turned = x if self.sign > 0 else -x
        y = turned - np.max(turned, axis=axis, keepdims=True, initial=-np.inf)
        np.exp(y, out=y)
        y /= np.sum(y, axis=axis, keepdims=True)
        return y, Cache(y.copy(), axis)  # y is the caller's to write to

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Return s y (dy - sum of y dy).

        Parameters
        ----------
        dy : array
            Cotangent of the output.
        cache : Cache
            From `forward`.

        Returns
        -------
        dx : array, of the shape of ``x``

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        y, axis = cache
        check_cotangent(self.name, dy, y.shape, y.dtype)
        if y.size == 0:
            return dy.copy()
        largest = np.argmax(y, axis=axis, keepdims=True)
        dx: Array = dy - np.take_along_axis(dy, largest, axis)
        dx -= np.sum(y * dx, axis=axis, keepdims=True)
        dx *= y
        return dx if self.sign > 0 else np.negative(dx, out=dx)

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x",), self.forward, self.backward)
