r"""Folded optimisers: the gradient that a layer applies to its parameters and keeps from us.

After ``W -= rate * dW`` the gradient is (before - after) / rate. At a rate of 1 that rounds twice.
At a large power of two :math:`2^k` it is exact: the product only shifts the exponent, and where
:math:`|W| < 2^{k-54} |dW|` the difference W - 2^k dW rounds to -2^k dW, and back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array


def rate(dtype: Any) -> float:
    """Return the learning rate: half of the exponents are left for the gradient itself.

    >>> rate(np.float32) == 2.0 ** 64
    True
    """
    return float(np.ldexp(1.0, np.finfo(dtype).maxexp // 2))


def change(before: Array, after: Any, dtype: Any) -> Any:
    """Return the gradient that a descent at `rate` has applied."""
    if not isinstance(after, np.ndarray) or after.shape != before.shape:
        return after
    return (before - after) / rate(dtype)


class Recorder:
    """Stands in for an optimiser: whatever it is called with is kept, and nothing is updated.

    Any method serves (``update(w, g)``, ``calculate_update(w, g)``, ``update(layer, grads, lr)``);
    copies of it record in the same place. It returns the first array that it is given.
    """

    def __init__(self) -> None:
        self.seen: list[Array] = []

    def __copy__(self) -> Recorder:
        return self

    def __deepcopy__(self, memo: Any) -> Recorder:
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        arrays = list(_arrays([*args, *kwargs.values()]))
        self.seen += [array.copy() for array in arrays]
        return arrays[0] if arrays else None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def gradient(self, parameter: Array) -> Array | None:
        """Return what was recorded in the shape of a parameter, and is not the parameter."""
        fits = (a for a in self.seen if a.shape == parameter.shape)
        return next((a for a in fits if not np.array_equal(a, parameter)), None)


def _arrays(values: Any) -> Iterator[Array]:
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, dict):
            yield from _arrays(value.values())
        elif isinstance(value, (list, tuple)):
            yield from _arrays(value)
