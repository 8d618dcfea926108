"""Objects: ``layer.forward(x)``, ``dx = layer.backward(dy)``, parameters and gradients on self."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._folded import Recorder, change, rate
from gradcheck.adapt._place import read, write
from gradcheck.adapt._seeded import seeded
from gradcheck.adapt._twice import hold_apart
from gradcheck.violation import Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Pullback

Make = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
RETURNED, CHANGE, RECORDED, NOWHERE = "returned", "change", "recorded", "nowhere"


@dataclass(frozen=True, kw_only=True)
class Oop:
    """A layer made of objects that keep state; `oop` says what each field means."""

    make: Make
    params: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    grads: Mapping[str, str] = field(default_factory=dict)
    forward: str = "forward"
    backward: str = "backward"
    accumulates: bool = False
    name: str = "layer"
    output: str = RETURNED
    dx: str = RETURNED
    takes: tuple[str, ...] = ("dy",)
    forward_with: Mapping[str, Any] = field(default_factory=dict)
    lazy: bool = False
    optimiser: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs: x and the parameters."""
        return ("x", *self.grads)

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, dict(config))


@dataclass
class _Configured:
    layer: Oop
    config: dict[str, Any]
    guarded: bool = False

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        with seeded():
            output = self.forward(self.fresh(inputs), inputs)

        def pullback(cotangent: Array) -> Gradients:
            with seeded():
                found = self.alone(inputs, cotangent)
            if not self.guarded:  # once a case: it costs three times the evaluation itself
                self.guarded = True
                hold_apart(self, inputs, cotangent, found)
                self._hold_before(inputs, cotangent, found)
            return found

        return output, pullback

    def _hold_before(
        self, inputs: Mapping[str, Array | None], cotangent: Array, found: Mapping[str, Any]
    ) -> None:
        """Hold dx against that at a rate of 0, at which no parameter is updated."""
        if "lr" not in self.layer.takes or CHANGE not in self.layer.grads.values():
            return
        with seeded():
            made = self.fresh(inputs)
            scope = {**inputs, "dy": cotangent, "y": self.forward(made, inputs), "lr": 0.0}
            returned = self._called(made, scope, self.layer.takes)
            before = _found(made, returned, self.layer.dx)
        arrays = before, found["x"]
        if all(isinstance(a, np.ndarray) for a in arrays) and not np.array_equal(*arrays):
            raise Violation(
                "x",
                "the gradient for x changes with the learning rate: it is taken with parameters "
                "that are updated already; take it before the update",
            )

    def _called(self, made: Any, scope: Mapping[str, Any], takes: tuple[str, ...]) -> Any:
        return getattr(made, self.layer.backward)(*(_told(token, scope) for token in takes))

    def fresh(self, inputs: Mapping[str, Array | None]) -> Any:
        """Make an object with these parameters."""
        arrays = {n: None if a is None else a.copy() for n, a in inputs.items()}
        made = self.layer.make(self.config, arrays)
        if self.layer.lazy:
            self.forward(made, inputs)
        for name, place in self._places():
            if arrays[name] is not None:
                write(made, place, arrays[name])
        if self.layer.optimiser:
            write(made, self.layer.optimiser, Recorder())
        return made

    def forward(self, made: Any, inputs: Mapping[str, Array | None]) -> Any:
        """Run an object's forward and copy its output."""
        returned = getattr(made, self.layer.forward)(inputs["x"], **self.layer.forward_with)
        output = _found(made, returned, self.layer.output)
        return output.copy() if isinstance(output, np.ndarray) else output

    def alone(self, inputs: Mapping[str, Array | None], cotangent: Array) -> dict[str, Any]:
        """Return the gradients of a fresh object."""
        made = self.fresh(inputs)
        output = self.forward(made, inputs)
        return self.backward(made, inputs, output, cotangent)

    def backward(
        self, made: Any, inputs: Mapping[str, Array | None], output: Any, cotangent: Array
    ) -> dict[str, Any]:
        """Run an object's backward and copy the gradients from where they are."""
        dtype = cotangent.dtype
        present = {n: p for n, p in self.layer.grads.items() if inputs.get(n) is not None}
        returned = self.call(made, inputs, output, cotangent, self.layer.takes)
        found = {"x": _found(made, returned, self.layer.dx)}
        for name, place in present.items():
            found[name] = self._gradient(made, returned, place, name, inputs[name], dtype)
        return {n: g.copy() if isinstance(g, np.ndarray) else g for n, g in found.items()}

    def call(
        self, made: Any, inputs: Mapping[str, Any], output: Any, cotangent: Array,
        takes: tuple[str, ...],
    ) -> Any:  # fmt: skip
        """Call an object's backward with what it takes."""
        scope = {**inputs, "dy": cotangent, "y": output, "lr": rate(cotangent.dtype)}
        return self._called(made, scope, takes)

    def _gradient(
        self, made: Any, returned: Any, place: str, name: str, array: Any, dtype: Any
    ) -> Any:
        if place == CHANGE:
            return change(array, read(made, dict(self._places())[name]), dtype)
        if place.startswith(RECORDED):
            recorder: Recorder = read(made, place.partition(" in ")[2])
            return recorder.gradient(array)
        return _found(made, returned, place)

    def _places(self) -> Iterator[tuple[str, str]]:
        for name, kept in self.layer.params.items():
            for place in (kept,) if isinstance(kept, str) else kept:
                yield name, place


def _told(token: str, scope: Mapping[str, Any]) -> Any:
    return scope[token] if token in scope else {"True": True, "False": False, "None": None}[token]


def _found(made: Any, returned: Any, place: str) -> Any:
    """Return what is at a place of the object, or of what its method returned."""
    if place == NOWHERE:
        return None
    if place == RETURNED:
        return returned
    if place.startswith(f"{RETURNED}["):
        return read(_Returned(returned), place)
    found = read(made, place)
    return found() if callable(found) else found


@dataclass(frozen=True)
class _Returned:
    returned: Any


def oop(
    make: Make,
    *,
    params: Mapping[str, str | tuple[str, ...]] | None = None,
    grads: Mapping[str, str] | None = None,
    forward: str = "forward",
    backward: str = "backward",
    accumulates: bool = False,
    name: str | None = None,
    output: str = RETURNED,
    dx: str = RETURNED,
    takes: str = "dy",
    forward_with: Mapping[str, Any] | None = None,
    lazy: bool = False,
) -> Oop:
    """Make a layer of objects with state.

    Every evaluation has a fresh object, and Python's and NumPy's global generators are seeded. Once
    a case the backward replays its forward with another object's forward in between, and again: a
    shared cache or a gradient that adds up is a violation.

    Parameters
    ----------
    make : callable
        ``make(config, arrays)`` gives a new object: ``lambda config, a: Conv(a["weight"], ...)``.
    params : Mapping, optional
        Where parameters are written: ``{"weight": "W", "bias": "params[b]"}``, several places as a
        tuple. None where the constructor took them.
    grads : Mapping, optional
        Where each gradient is read after backward, one entry for each parameter, in the order of
        the spec: ``{"weight": "dW", "bias": "grads[b]"}``, ``"returned[1][0]"`` in what backward
        returned, ``"change"`` where backward updates the parameters with the rate ``lr``.
    forward, backward : str
        Names of the methods.
    accumulates : bool
        True if gradients add up on purpose until the caller clears them.
    name : str, optional
        What reports call the layer.
    output, dx : str
        Where the output and the gradient of x are: ``"returned"``, or a place; a gradient that is
        ``"nowhere"`` is for ``omit=`` of `gradcheck.check_layer`.
    takes : str
        What backward takes, in order: ``"dy"``, ``"dy, lr"``, ``"x, dy"``, ``"dy, True"``.
    forward_with : Mapping, optional
        Further arguments of forward: ``{"training": True}``.
    lazy : bool
        True if the parameters are made by the first forward.

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
        backward=backward, accumulates=accumulates, name=called, output=output, dx=dx,
        takes=tuple(token.strip() for token in takes.split(",")),
        forward_with=dict(forward_with or {}), lazy=lazy,
    )  # fmt: skip
