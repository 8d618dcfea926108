"""Element-wise layers: a function, its derivative, and the chain rule ``dx = dy f'(x)``.

A module of this family is two formulas: ``value``, which is f, and ``slope``, which is f'. Both
take an array and the layer's settings by keyword, and keep the array's dtype. What overflows is
infinite in silence, so infinity has to be right there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ._blocks import blocks, in_blocks, widened
from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the input, and the settings."""

    x: Array
    config: Mapping[str, Any]


class Pointwise(NamedTuple):
    """An element-wise layer.

    Attributes
    ----------
    name : str
        Name of the layer and of its contract.
    value : callable
        ``value(x, **config)``, f.
    slope : callable
        ``slope(x, **config)``, f'.
    """

    name: str
    value: Callable[..., Array]
    slope: Callable[..., Array]

    def forward(self, x: Array, **config: Any) -> tuple[Array, Cache]:
        """Return ``y = f(x)``, and the cache.

        Parameters
        ----------
        x : array
            Input, of any shape.
        **config
            Settings of the layer, those that ``value`` takes.

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
        settings = {key: _plain(setting) for key, setting in config.items()}
        with np.errstate(over="ignore"):
            return in_blocks(partial(self.value, **settings), x), Cache(x, settings)

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
        x, config = cache
        check_cotangent(self.name, dy, x.shape, x.dtype)
        dx = np.empty(x.shape, x.dtype)
        with np.errstate(over="ignore"):
            for pull, at, into in blocks(dy, x, dx):
                np.multiply(widened(pull), self.slope(widened(at), **config), out=into)
        return dx

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(spec=self.name, inputs=("x",), forward=self.forward, backward=self.backward)


def _plain(setting: Any) -> Any:
    """Return a NumPy number as Python's: a float64 scalar would promote."""
    return float(setting) if isinstance(setting, (int, float, np.number)) else setting


def where(condition: Any, x: Array) -> Array:
    """Return 1 where the condition holds and 0 elsewhere, in the dtype of ``x``."""
    return np.asarray(condition).astype(x.dtype)
