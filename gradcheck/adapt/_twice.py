"""Twice: a deliberate second use of an object, which shows state that is not its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._seeded import seeded
from gradcheck.violation import Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array


def hold_apart(
    objects: Any, inputs: Mapping[str, Array | None], cotangent: Array, alone: Mapping[str, Any]
) -> None:
    """Hold the gradients of one object against its second use, and another's use in between.

    Raises
    ------
    Violation
        If a second forward and backward doubles a gradient, or another object changes it.
    """
    with seeded():
        made, other = objects.fresh(inputs), objects.fresh(inputs)
        output = objects.forward(made, inputs)
    elsewhere = {n: a if a is None or n != "x" else -2 * a for n, a in inputs.items()}
    objects.forward(other, elsewhere)
    first = objects.backward(made, inputs, output, cotangent)
    with seeded():
        objects.fresh(inputs)  # draws what it drew before
        output = objects.forward(made, inputs)
    second = objects.backward(made, inputs, output, cotangent)
    for name in first:
        arrays = first[name], second[name], alone[name]
        if all(isinstance(g, np.ndarray) and g.shape == arrays[0].shape for g in arrays):
            _hold(name, *arrays, accumulates=_may_add_up(objects, name))


def _may_add_up(objects: Any, name: str) -> bool:
    """Tell whether a second use may change a gradient: it is meant, or the parameters moved."""
    layer = objects.layer
    return layer.accumulates or "change" in layer.grads.values()


def _hold(name: str, first: Array, second: Array, alone: Array, *, accumulates: bool) -> None:
    if not accumulates and _nearer(second, 2 * first, than=first):
        raise Violation(
            name,
            f"the gradient for {name} adds up: a second forward and backward doubles it; "
            f"say accumulates=True where the caller is to clear it",
        )
    if _far(first, alone):
        raise Violation(
            name,
            f"two instances share a cache: the gradient for {name} changes when another "
            f"layer's forward runs between this one's forward and backward",
        )


def _nearer(array: Array, there: Array, *, than: Array) -> bool:
    """Tell to which of two far places an array belongs; no closeness is asked for."""
    return bool(np.max(abs(array - there), initial=0) < np.max(abs(array - than), initial=0) / 2)


def _far(array: Array, there: Array) -> bool:
    """Tell a gradient of another point; a smaller difference is for the comparison of values."""
    return bool(2 * np.max(abs(array - there), initial=0) > np.max(abs(there), initial=0))
