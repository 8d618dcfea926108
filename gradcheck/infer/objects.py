"""Objects: a class, a factory or an instance with a forward and a backward that keep state."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradcheck.adapt._conventions import Conventional
from gradcheck.adapt._oop import NOWHERE, Oop, oop
from gradcheck.adapt._seeded import seeded
from gradcheck.infer import gradients, parameters
from gradcheck.infer.arguments import Way, called, parameters_of, ways
from gradcheck.infer.candidates import layouts
from gradcheck.infer.dressed import dressed
from gradcheck.infer.inferred import CannotInfer, Said
from gradcheck.infer.modules import Plain
from gradcheck.infer.naming import ARRAYS, BACKWARD, FORWARD, SETUP, meaning
from gradcheck.infer.probe import Probe, miss, nearest
from gradcheck.infer.scope import Scope
from gradcheck.infer.unsettled import UNSETTLED, inside


@dataclass(frozen=True, kw_only=True)
class Draft:
    """How objects are made and called, as far as it is settled."""

    make: Callable[..., Any]
    way: Way
    setups: tuple[tuple[str, Way], ...]
    forward: str
    forward_with: Mapping[str, Any]
    backward: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, config: Mapping[str, Any], arrays: Mapping[str, Any]) -> Any:
        """Make an object, and set it up."""
        scope = Scope(config, arrays, self.extra)
        made = self.way.call(self.make, scope)
        for method, way in self.setups:
            way.call(getattr(made, method), scope)
        return made


def layer(kind: Any, probe: Probe, said: Said) -> tuple[Conventional, tuple[str, ...]]:
    """Return the layer that a class, a factory or an instance makes, and what was assumed."""
    raised: list[Exception] = []
    found: Iterator[Conventional] = (
        c for draft in _drafts(kind, said) for c in _candidates(draft, probe, said, raised)
    )
    best = nearest(found, lambda candidate: _far(candidate, probe))[0]
    if best is None:
        raise CannotInfer(_why(kind, probe, raised)) from (raised[0] if raised else None)
    try:
        settled = gradients.settled(best, probe, said)
    except CannotInfer:
        raise
    except Exception as error:
        settled = _raised(best, probe, error)
    inner: Any = settled.layer
    made = kind if isinstance(kind, type) else type(kind)
    # Where a module's stand-in keeps what it has says nothing of the module.
    told = () if issubclass(made, Plain) else _told(inner.make, settled)
    return settled, tuple(told)


def _far(candidate: Conventional, probe: Probe) -> float:
    """Return how far the output is, infinite where it is of another shape or does not come."""
    try:
        return miss(candidate, probe)
    except Exception:  # at one sample it ran, and of all of them it makes no output
        return np.inf


def _raised(seen: Conventional, probe: Probe, error: Exception) -> Conventional:
    """Return a layer that raised inside its own backward, for the checks to say so."""
    inner = seen.layer
    assert isinstance(inner, Oop)
    if not inside(error):
        raise CannotInfer(
            f"the {inner.backward} of {inner.name} does not run at one point ({probe}): "
            f"{type(error).__name__}: {error}; hand over an adapter that says what it takes "
            "(gradcheck.adapt.oop)"
        ) from error
    return replace(seen, layer=replace(inner, dx=UNSETTLED))


def is_layer(target: Any) -> bool:
    """Tell whether a target is a class, an instance or a factory of objects with a backward."""
    if isinstance(target, type) or _method(target, BACKWARD):
        return True
    return not callable(target) or _makes(target)


def _makes(target: Any) -> bool:
    """Tell whether a function takes no array: then it can only make something."""
    taken = parameters_of(target)
    required = [p for p in taken if p.default is p.empty]
    return all(meaning(p.name, ARRAYS) not in ("x", "dy") for p in required[:1])


def _drafts(kind: Any, said: Said) -> Iterator[Draft]:
    makes = callable(kind) and not hasattr(type(kind), "backward") and _method(kind, BACKWARD) == ""
    if isinstance(kind, type) or makes:
        make, choices = kind, ways(kind, said.extra)
        sample = kind
    else:
        make, choices, sample = (lambda: copy.deepcopy(kind)), [Way({}, {})], kind
    for way in choices:
        yield from _draft(make, way, sample, said)


def _draft(make: Any, way: Way, sample: Any, said: Said) -> Iterator[Draft]:
    names = {"forward": _method(sample, FORWARD), "backward": _method(sample, BACKWARD)}
    if not isinstance(sample, type) and callable(sample) and not all(names.values()):
        names = dict.fromkeys(names, "")  # a factory: known when it has made one
    elif missing := next((role for role, name in names.items() if not name), None):
        wanted = FORWARD if missing == "forward" else BACKWARD
        raise CannotInfer(
            f"{called(sample)} has no method for {missing} ({', '.join(wanted[:4])}, ...)"
        )
    yield Draft(make=make, way=way, setups=(), forward_with={}, extra=said.extra, **names)


def _candidates(
    draft: Draft, probe: Probe, said: Said, raised: list[Exception]
) -> Iterator[Conventional]:
    for layout in layouts(said, probe):
        plain = Conventional(oop(draft), layout=layout, sized=True)
        try:
            at = dressed(plain, probe)
            with seeded():
                settled, made = _set_up(draft, Scope(at.config, at.arrays, said.extra))
            yield from parameters.candidates(plain, settled, made, at.arrays, probe, said, raised)
        except (CannotInfer, NameError):
            raise
        except Exception as error:  # this way it does not run; another may
            raised.append(error)


def _set_up(draft: Draft, scope: Scope) -> tuple[Draft, Any]:
    """Make one object; settle which of its methods set it up, and how its forward is called."""
    made = draft.way.call(draft.make, scope)
    settled = replace(
        draft,
        forward=draft.forward or _method(made, FORWARD),
        backward=draft.backward or _method(made, BACKWARD),
    )
    if not (settled.forward and settled.backward):
        raise CannotInfer(f"{called(draft.make)} gives a {called(type(made))} without a backward")
    setups: list[tuple[str, Way]] = []
    for name in SETUP:
        method = getattr(made, name, None)
        if callable(method) and not isinstance(made, type) and name != settled.forward:
            way = _first(method, scope)
            if way is not None:
                setups.append((name, way))
    further = ways(getattr(made, settled.forward), scope.extra, ("x",))[0]
    with_ = {n: t(scope) for n, t in further.told.items() if further.means[n] != "x"}
    return replace(settled, setups=tuple(setups), forward_with=with_), made


def _first(method: Any, scope: Scope) -> Way | None:
    """Return the first way in which a method runs."""
    for way in ways(method, scope.extra):
        try:
            way.call(method, scope)
        except Exception:  # the next way may do
            continue
        return way
    return None


def _method(kind: Any, names: tuple[str, ...]) -> str:
    for name in names:
        plain = name == "__call__" and (isinstance(kind, type) and "__call__" not in _names(kind))
        if callable(getattr(kind, name, None)) and not plain:
            return name
    return ""


def _names(kind: type) -> set[str]:
    return {name for base in kind.__mro__ for name in vars(base)}


def _why(kind: Any, probe: Probe, raised: list[Exception]) -> str:
    settings = "" if callable(kind) else " (what an instance was made with: --fix stride=2)"
    if not raised:
        return (
            f"{called(kind)} gives an output of another shape than {probe.output.shape} at one "
            f"point ({probe}); say its conventions{settings}, or hand over an adapter"
        )
    error = next((e for e in raised if inside(e)), raised[0])
    return (
        f"{called(kind)} does not run at one point ({probe}): {type(error).__name__}: {error}; "
        f"say its conventions or arguments{settings}, or hand over an adapter"
    )


def _told(draft: Any, settled: Conventional) -> Iterator[str]:
    inner = settled.layer
    assert isinstance(inner, Oop)
    yield f"state kept on self ({inner.forward}, {inner.backward})"
    means = {
        what for what in draft.way.means.values() if what in ("dilation inserted", "padding word")
    }
    if "dilation inserted" in means:
        yield "dilation counts the pixels inserted"
    if "padding word" in means:
        yield "padding said by a word, 'same' or 'valid'"
    if draft.setups:
        yield f"set up by {' and '.join(name for name, _ in draft.setups)}"
    if inner.lazy:
        yield "parameters made by the first forward"
    if inner.accumulates:
        yield "gradients add up until they are cleared"
    if inner.output != "returned":
        yield f"the output in {_where(inner.output)}"
    kept = [p if isinstance(p, str) else p[0] for p in inner.params.values()]
    if kept:
        yield f"parameters in {' and '.join(map(_where, kept))}"
    places = (inner.dx, *inner.grads.values())
    shown = (_where(place) for place in places if place not in ("returned", NOWHERE, UNSETTLED))
    given = [*dict.fromkeys(shown)]
    if given:
        yield f"gradients in {' and '.join(given)}"


def _where(place: str) -> str:
    if place.startswith(("returned", "recorded")):
        return place if place.startswith("returned") else f"what the optimiser {place} is given"
    return "the change of the parameters" if place == "change" else f".{place}"
