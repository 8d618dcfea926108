"""Element-wise layers: a function, its derivative, and the chain rule ``dx = dy f'(x)``.

A module of this family is two formulas: ``value``, which is f, and ``slope``, which is f'. Both
take an array and the layer's settings by keyword, and keep the array's dtype. What overflows is
infinite in silence, so infinity has to be right there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating
from ._layer import Layer
from ._types import Array

BLOCK = 1 << 14
"""Entries that a formula is worked out for at once: a few such arrays fit a core's cache."""


class Cache(NamedTuple):
    """What ``backward`` needs: the input and the settings."""

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
        """Return ``y = f(x)``, of the shape of ``x``, and the cache.

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
            return _in_blocks(lambda x: self.value(x, **settings), x), Cache(x, settings)

    def backward(self, dy: Array, cache: Cache) -> Array:
        """Return ``dx = dy f'(x)``, of the shape of ``x``.

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        check_cotangent(self.name, dy, cache.x.shape, cache.x.dtype)
        with np.errstate(over="ignore"):
            return _in_blocks(lambda x, dy: dy * self.slope(x, **cache.config), cache.x, dy)

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(spec=self.name, inputs=("x",), forward=self.forward, backward=self.backward)


def _in_blocks(formula: Callable[..., Array], *arrays: Array) -> Array:
    """Return a formula of arrays of one shape, in blocks whose intermediate results stay cached."""
    first = arrays[0]
    if first.size <= BLOCK or not all(array.flags.c_contiguous for array in arrays):
        return np.asarray(formula(*arrays))
    result, flat = np.empty(first.size, first.dtype), [array.reshape(-1) for array in arrays]
    for begin in range(0, first.size, BLOCK):
        part = slice(begin, begin + BLOCK)
        result[part] = formula(*(array[part] for array in flat))
    return result.reshape(first.shape)


def _plain(setting: Any) -> Any:
    """Return a NumPy number as Python's: a float64 scalar would promote."""
    return float(setting) if isinstance(setting, (int, float, np.number)) else setting


def where(condition: Any, x: Array) -> Array:
    """Return 1 where the condition holds and 0 elsewhere, in the dtype of ``x``."""
    return np.asarray(condition).astype(x.dtype)
