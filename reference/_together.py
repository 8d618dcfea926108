"""Element-wise layers whose function and derivative share what is dear.

Such a module is one formula, ``both``, which writes f and f' of an array into two others, and uses
them for what lies between. The derivative is kept, in place of the input, and ``backward`` is one
product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ._blocks import blocks, widened
from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the derivative, not rounded to half precision, and the dtype."""

    slope: Array
    dtype: np.dtype[np.floating[Any]]


class Together(NamedTuple):
    """An element-wise layer.

    Attributes
    ----------
    name : str
        Name of the layer and of its contract.
    both : callable
        ``both(x, y, slope, **config)`` writes f(x) into ``y`` and f'(x) into ``slope``.
    """

    name: str
    both: Callable[..., None]

    def forward(self, x: Array, **config: Any) -> tuple[Array, Cache]:
        """Return ``y = f(x)``, and the cache.

        Parameters
        ----------
        x : array
            Input, of any shape.
        **config
            Settings of the layer, those that ``both`` takes.

        Returns
        -------
        y : array, of the shape of ``x``
            Output.
        cache : Cache
            For `backward`.

        Raises
        ------
        ValueError
            If ``x`` is not an array of floating point.
        TypeError
            If a setting is unknown.
        """
        check_floating(self.name, "x", x)
        y = np.empty(x.shape, np.result_type(x.dtype, np.float32))
        slope = np.empty_like(y)
        with np.errstate(over="ignore"):
            for part, *outputs in blocks(x, y, slope):
                self.both(widened(part), *outputs, **config)
            return y.astype(x.dtype, copy=False), Cache(slope, x.dtype)

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Return ``dx = dy f'(x)``.

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
        check_cotangent(self.name, dy, cache.slope.shape, cache.dtype)
        dx = np.empty(dy.shape, dy.dtype)
        with np.errstate(over="ignore"):
            for pull, slope, into in blocks(dy, cache.slope, dx):
                np.multiply(pull, slope, out=into)
        return dx

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(spec=self.name, inputs=("x",), forward=self.forward, backward=self.backward)
