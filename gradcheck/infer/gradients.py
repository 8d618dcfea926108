"""Gradients: where an object leaves them after its backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._conventions import Conventional, broadcasts
from gradcheck.adapt._folded import Recorder
from gradcheck.adapt._oop import CHANGE, NOWHERE, RECORDED, RETURNED, Oop
from gradcheck.adapt._place import places, read
from gradcheck.adapt._seeded import seeded
from gradcheck.infer.arguments import parameters_of
from gradcheck.infer.dressed import dressed
from gradcheck.infer.flat import flat
from gradcheck.infer.inferred import CannotInfer
from gradcheck.infer.naming import ARRAYS, CLEARS, DX, FORMS, GRADIENTS, RATES, TRAINING, meaning
from gradcheck.infer.parameters import last

if TYPE_CHECKING:
    from gradcheck.infer.inferred import Said
    from gradcheck.infer.probe import Probe


def settled(seen: Conventional, probe: Probe, said: Said) -> Conventional:
    """Run the backward once and settle where each gradient is.

    Raises
    ------
    CannotInfer
        If the gradient of a parameter is nowhere.
    """
    inner = seen.layer
    assert isinstance(inner, Oop)
    after = _After(inner, seen, probe)
    dx = said.grads.get("x") or after.place("x", set())
    grads: dict[str, str] = {}
    for name in probe.params:
        used = {dx, *grads.values()}
        grads[name] = said.grads.get(name) or after.place(name, used) or after.named(name, used)
        if not grads[name]:
            raise CannotInfer(
                f"no gradient for {name} is found after {inner.backward}; say --grads {name}=PLACE"
            )
    for name, place in said.grads.items():
        after.hold(name, place)
    clears = any(callable(getattr(after.made, name, None)) for name in CLEARS)
    told = replace(
        inner, dx=dx or after.without(grads), grads=grads, takes=after.takes, accumulates=clears
    )
    return replace(seen, layer=told)


def takes(method: Callable[..., Any]) -> tuple[str, ...]:
    """Return what a backward takes, in order: ``("dy",)``, ``("dy", "lr")``, ``("x", "dy")``."""
    order: list[str] = []
    for parameter in parameters_of(method):
        token = _token(parameter.name)
        if token is None and "dy" not in order:
            token = "dy"  # the first of an unknown name
        if token is None or (
            parameter.default is not parameter.empty and token not in ("dy", "lr")
        ):
            break
        order.append(token)
    if "dy" not in order and len(order) == 1:
        return ("dy",)
    return tuple(order)


def _token(name: str) -> str | None:
    known = {what: names for what, names in ARRAYS.items() if what in ("dy", "x", "weight", "bias")}
    if name in RATES:
        return "lr"
    if name in TRAINING:
        return "True"
    return "dy" if name in ARRAYS["dy"] else meaning(name, known)


class _After:
    """An object after its backward, with what that returned and what was held before."""

    def __init__(self, inner: Oop, seen: Conventional, probe: Probe) -> None:
        at = dressed(seen, probe)
        configured = inner(at.config)
        self.arrays = at.arrays
        with np.errstate(all="ignore"), seeded():
            self.made = configured.fresh(at.arrays)
            output = configured.forward(self.made, at.arrays)
            self.takes = takes(getattr(self.made, inner.backward))
            self.before = {place: array.copy() for place, array in places(self.made)}
            self.returned = configured.call(self.made, at.arrays, output, at.cotangent, self.takes)
        self.after = {p: a for p, a in places(self.made) if a.shape != () or p in DX}
        self.kept = {n: p if isinstance(p, str) else p[0] for n, p in inner.params.items()}

    def place(self, name: str, used: set[str]) -> str:
        """Return where a gradient is, by the first means that finds one of its shape."""
        taken = {place for place in used if not place.startswith((CHANGE, RECORDED))}
        found = (place for means in self._means(name) for place in means if place not in taken)
        return next(found, "")

    def named(self, name: str, used: set[str]) -> str:
        """Return a place by its name alone: what is there is no gradient, and the checks say so."""
        own = last(self.kept[name]) if name in self.kept else ""
        forms = [f.format(stem) for stem in (own, *ARRAYS[name]) if stem for f in FORMS]
        kept = {last(place): place for place in (*self.after, *vars(self.made))}
        return next((kept[f] for f in forms if f in kept and kept[f] not in used), "")

    def without(self, grads: Mapping[str, str]) -> str:
        """Return where dx is looked for where none is: nowhere, if all that is there is taken."""
        left = {place for place, _ in flat(RETURNED, self.returned)} - {*grads.values()}
        return RETURNED if left or not grads else NOWHERE

    def hold(self, name: str, place: str) -> None:
        """Refuse a place at which there is nothing."""
        if place == CHANGE or place.startswith((RETURNED, RECORDED)):
            return
        try:
            read(self.made, place)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            raise CannotInfer(
                f"--grads {name}={place}: there is nothing at .{place} after the backward"
            ) from None

    def _means(self, name: str) -> Iterator[Iterator[str]]:
        yield self._returned(name)
        yield self._named(name)
        if name != "x":
            yield self._recorded(name)
            yield self._changed(name)
        yield self._written(name)

    def _fits(self, name: str, array: Any) -> bool:
        if not isinstance(array, np.ndarray):
            return False
        wanted = self.arrays[name].shape
        return array.shape == wanted or (name == "bias" and broadcasts(array.shape, wanted))

    def _returned(self, name: str) -> Iterator[str]:
        for place, array in flat(RETURNED, self.returned):
            if self._fits(name, array):
                yield place

    def _named(self, name: str) -> Iterator[str]:
        own = last(self.kept[name]) if name in self.kept else ""
        stems = ([own] if own else []) + list(ARRAYS[name])
        names = [*(DX if name == "x" else ()), *(f.format(s) for s in stems for f in FORMS)]
        loose = [(p, a) for p, a in self.after.items() if a.size == self.arrays[name].size]
        for wanted in names:
            yield from (
                p for p, _ in loose if p == wanted or last(p) == wanted or p.endswith(f".{wanted}")
            )
        for stem in stems:
            yield from (p for p, _ in loose if last(p) == stem and p.split("[")[0] in GRADIENTS)

    def _recorded(self, name: str) -> Iterator[str]:
        for place, value in vars(self.made).items():
            if isinstance(value, Recorder) and value.gradient(self.arrays[name]) is not None:
                yield f"{RECORDED} in {place}"

    def _changed(self, name: str) -> Iterator[str]:
        place = self.kept.get(name, "")
        if place and not np.array_equal(read(self.made, place), self.before[place]):
            yield CHANGE

    def _written(self, name: str) -> Iterator[str]:
        """Yield what the backward has left on the object in the shape of the parameter."""
        for place, array in self.after.items():
            new = place not in self.before or not np.array_equal(array, self.before[place])
            if self._fits(name, array) and new and place not in self.kept.values():
                yield place
