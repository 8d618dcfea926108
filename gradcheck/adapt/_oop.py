"""Objects: ``layer.forward(x)``, ``dx = layer.backward(dy)``, parameters and gradients on self."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._place import read, write
from gradcheck.violation import Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Pullback

Make = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]


@dataclass(frozen=True, kw_only=True)
class Oop:
    """A layer made of objects that keep state.

    ``make(config, arrays)`` gives a fresh one; ``params`` and ``grads`` say in which attribute,
    or ``"grads[W]"`` in which dict, each array is.
    """

    make: Make
    params: Mapping[str, str] = field(default_factory=dict)
    grads: Mapping[str, str] = field(default_factory=dict)
    forward: str = "forward"
    backward: str = "backward"
    accumulates: bool = False
    name: str = "layer"

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs: x and the parameters."""
        return ("x", *self.grads)

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, dict(config))


@dataclass(frozen=True)
class _Configured:
    layer: Oop
    config: dict[str, Any]

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        output = self._forward(self._fresh(inputs), inputs)

        def pullback(cotangent: Array) -> Gradients:
            return self._used_twice(inputs, cotangent)

        return output, pullback

    def _fresh(self, inputs: Mapping[str, Array | None]) -> Any:
        arrays = {n: None if a is None else a.copy() for n, a in inputs.items()}
        made = self.layer.make(self.config, arrays)
        for name, place in self.layer.params.items():
            if arrays[name] is not None:
                write(made, place, arrays[name])
        return made

    def _forward(self, made: Any, inputs: Mapping[str, Array | None]) -> Any:
        output = getattr(made, self.layer.forward)(inputs["x"])
        return output.copy() if isinstance(output, np.ndarray) else output

    def _used_twice(self, inputs: Mapping[str, Array | None], cotangent: Array) -> Gradients:
        """Take the gradients with another instance in between, then once more."""
        made, other = self._fresh(inputs), self._fresh(inputs)
        self._forward(made, inputs)
        elsewhere = {n: a if a is None or n != "x" else -2 * a for n, a in inputs.items()}
        self._forward(other, elsewhere)
        first = self._backward(made, inputs, cotangent)
        self._forward(made, inputs)
        second = self._backward(made, inputs, cotangent)
        self._hold_apart(first, second, self._alone(inputs, cotangent))
        return first

    def _alone(self, inputs: Mapping[str, Array | None], cotangent: Array) -> dict[str, Any]:
        made = self._fresh(inputs)
        self._forward(made, inputs)
        return self._backward(made, inputs, cotangent)

    def _backward(
        self, made: Any, inputs: Mapping[str, Array | None], cotangent: Array
    ) -> dict[str, Any]:
        returned = getattr(made, self.layer.backward)(cotangent)
        present = {n: p for n, p in self.layer.grads.items() if inputs.get(n) is not None}
        found = {"x": returned, **{n: read(made, place) for n, place in present.items()}}
        return {n: g.copy() if isinstance(g, np.ndarray) else g for n, g in found.items()}

    def _hold_apart(
        self, first: dict[str, Any], second: dict[str, Any], alone: dict[str, Any]
    ) -> None:
        for name in first:
            one, two, lone = first[name], second[name], alone[name]
            if not all(
                isinstance(g, np.ndarray) and g.shape == one.shape for g in (one, two, lone)
            ):
                continue
            if not self.layer.accumulates and _nearer(two, 2 * one, than=one):
                raise Violation(
                    name,
                    f"the gradient for {name} adds up: a second forward and backward doubles it; "
                    f"say accumulates=True where the caller is to clear it",
                )
            if _far(one, lone):
                raise Violation(
                    name,
                    f"two instances share a cache: the gradient for {name} changes when another "
                    f"layer's forward runs between this one's forward and backward",
                )


def _nearer(array: Array, there: Array, *, than: Array) -> bool:
    """Tell to which of two far places an array belongs; no closeness is asked for."""
    return bool(np.max(abs(array - there), initial=0) < np.max(abs(array - than), initial=0) / 2)


def oop(
    make: Make,
    *,
    params: Mapping[str, str] | None = None,
    grads: Mapping[str, str] | None = None,
    forward: str = "forward",
    backward: str = "backward",
    accumulates: bool = False,
    name: str | None = None,
) -> Oop:
    """Make a layer of objects with state.

    Every evaluation has a fresh object. Each backward replays its forward with another object's
    forward in between, and again: a shared cache or a gradient that adds up is a violation.

    Parameters
    ----------
    make : callable
        ``make(config, arrays)`` gives a new object: ``lambda config, a: Conv(a["weight"], ...)``.
    params : Mapping, optional
        Where parameters are written: ``{"weight": "W", "bias": "params[b]"}``. None where the
        constructor took them.
    grads : Mapping, optional
        Where each gradient is read after backward, one entry for each parameter, in the order of
        the spec: ``{"weight": "dW", "bias": "grads[b]"}``. That of x is what backward returns.
    forward, backward : str
        Names of the methods.
    accumulates : bool
        True if gradients add up on purpose until the caller clears them.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Oop
        A layer in its normal form.
    """
    if not callable(make):
        raise TypeError(f"make={make!r} is not callable; hand over lambda config, arrays: Layer()")
    called = name or getattr(make, "__name__", "layer").replace("<lambda>", "layer")
    return Oop(
        make=make, params=dict(params or {}), grads=dict(grads or {}), forward=forward,
        backward=backward, accumulates=accumulates, name=called,
    )  # fmt: skip


def _far(array: Array, there: Array) -> bool:
    """Tell a gradient of another point; a smaller difference is for the comparison of values."""
    return bool(2 * np.max(abs(array - there), initial=0) > np.max(abs(there), initial=0))
