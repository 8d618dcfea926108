"""Element-wise layers whose function and derivative share what is dear.

Such a module is one formula, ``both``, which returns f and f' of an array at once. The derivative
is worked out in ``forward`` and kept, in place of the input, and ``backward`` is one product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ._blocks import in_blocks
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
        ``both(x, **config)``, f and f'.
    """

    name: str
    both: Callable[..., tuple[Array, Array]]

    def forward(self, x: Array, **config: Any) -> tuple[Array, Cache]:
        """Return ``y = f(x)``, of the shape of ``x``, and the cache.

        Raises
        ------
        ValueError
            If ``x`` is not an array of floating point.
        TypeError
            If a setting is unknown.
        """
        check_floating(self.name, "x", x)
        slope = np.empty(x.shape, np.result_type(x.dtype, np.float32))
        with np.errstate(over="ignore"):
            y = in_blocks(partial(self._divided, config), x, slope)
        return y, Cache(slope, x.dtype)

    def _divided(self, config: Mapping[str, Any], x: Array, slope: Array) -> Array:
        y, slope[...] = self.both(x, **config)
        return y

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Return ``dx = dy f'(x)``, of the shape of ``x``.

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        check_cotangent(self.name, dy, cache.slope.shape, cache.dtype)
        with np.errstate(over="ignore"):
            return in_blocks(np.multiply, dy, cache.slope)

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(spec=self.name, inputs=("x",), forward=self.forward, backward=self.backward)
