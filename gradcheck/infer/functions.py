"""Functions: a forward and a backward, a closure, or a function and its derivative."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any

import numpy as np

from gradcheck.adapt._conventions import Conventional
from gradcheck.adapt._functional import functional
from gradcheck.adapt._seeded import seeded
from gradcheck.infer.arguments import ITSELF, WAYS, Way, called, parameters_of, ways
from gradcheck.infer.candidates import biases, kernels, layouts
from gradcheck.infer.flat import flat
from gradcheck.infer.inferred import CannotInfer, Said
from gradcheck.infer.meanings import is_setting
from gradcheck.infer.naming import ARRAYS, SETTINGS, meaning
from gradcheck.infer.probe import Probe, miss, nearest
from gradcheck.infer.scope import Scope
from gradcheck.infer.unsettled import inside


@dataclass(frozen=True)
class Called:
    """A forward called one way, with the place of its output in what it returns."""

    forward: Callable[..., Any]
    way: Way
    inputs: tuple[str, ...]
    extra: Mapping[str, Any]
    asked: set[str] = field(default_factory=set, compare=False)

    def __call__(self, *arrays: Any, **config: Any) -> tuple[Any, Any]:
        """Return the output, and what a backward may want."""
        scope = Scope(config, dict(zip(self.inputs, arrays, strict=True)), self.extra, self.asked)
        with seeded():
            returned = self.way.call(self.forward, scope)
        output, cache = _parted(returned)
        return output, (scope, output, cache)


@dataclass(frozen=True)
class CalledBack:
    """A backward called one way: the gradients by the place that each is returned in."""

    backward: Callable[..., Any] | None
    takes: tuple[str, ...]
    places: Mapping[str, str]
    derivative: bool = False
    as_forward: Mapping[str, str] = field(default_factory=dict)
    """How the forward is told its settings."""

    def __call__(self, cotangent: Any, saved: Any) -> dict[str, Any]:
        """Return the gradients by name."""
        found = dict(flat("returned", self.returned(cotangent, saved)))
        gradients = {name: found.get(place) for name, place in self.places.items()}
        return {**gradients, "x": cotangent * gradients["x"]} if self.derivative else gradients

    def returned(self, cotangent: Any, saved: Any) -> Any:
        """Call the backward."""
        scope, output, cache = saved
        with seeded():
            if self.backward is None and not callable(cache):
                raise TypeError(
                    "no backward comes with its output: name the two by --forward and --backward"
                )
            if self.backward is None:
                return cache(cotangent)
            known = {**scope.arrays, "dy": cotangent, "y": output, "cache": cache}
            within = replace(scope, arrays=known)
            return self.way(scope.extra).call(self.backward, within)

    def way(self, extra: Mapping[str, Any]) -> Way:
        """Return the way in which settings are told as the forward is told them."""
        found = ways(self.backward, extra, self.takes) if self.backward else []
        alike = (way for way in found if self.as_forward.items() >= _settings(way).items())
        return next(alike, found[0])


def layer(
    forward: Callable[..., Any], backward: Callable[..., Any] | None, probe: Probe, said: Said
) -> tuple[Conventional, tuple[str, ...]]:
    """Return the layer that functions make, and what was assumed.

    Without a backward, forward gives one with its output: ``y, back = f(x)``.
    """
    raised: list[Exception] = []
    forwards = _forwards(forward, probe, said, raised)
    best = nearest(forwards, lambda candidate: _far(candidate, probe, raised))[0]
    if best is None:
        raise CannotInfer(_why(forward, probe, raised))
    inner = settled(best, backward, probe, raised)
    return inner, tuple(_told(inner))


def settled(
    best: Conventional, backward: Callable[..., Any] | None, probe: Probe, raised: list[Exception]
) -> Conventional:
    """Return the layer with its backward called in the way that comes nearest to the oracle.

    One that raises inside itself, in whatever way it is called, is for the checks to judge.
    """
    told, before = best.layer.forward, len(raised)  # type: ignore[attr-defined]
    ways_back = _called_back(backward, told, probe)
    run = list(_backwards(best, ways_back, probe, raised))
    inner = nearest(run, lambda candidate: _apart(candidate, probe, raised))[0]
    if inner is not None or run:
        return inner or run[0]  # of gradients of another shape than theirs the checks tell
    if all(inside(error) for error in raised[before:]):
        return replace(best, layer=replace(best.layer, backward=ways_back[0]))  # type: ignore[type-var]
    raise CannotInfer(_why(backward or told.forward, probe, raised[-1:]))


def placed(seen: Conventional, probe: Probe) -> Conventional:
    """Return the layer with each gradient found in what its backward returns at a point."""
    inner: Any = seen.layer
    back = replace(inner.backward, places=_places(seen, inner.backward, probe))
    return replace(seen, layer=replace(inner, backward=back))


def _forwards(
    forward: Callable[..., Any], probe: Probe, said: Said, raised: list[Exception]
) -> Iterator[Conventional]:
    inputs = tuple(n for n in probe.inputs)
    first = parameters_of(forward)[:1]
    forced = ("x",) if first and meaning(first[0].name, ARRAYS) in (None, "dy", "y", "x") else ()
    bias = probe.inputs.get("bias")
    weighed = getattr(probe.inputs.get("weight"), "ndim", 0) > 2
    for layout, way in product(layouts(said, probe), ways(forward, said.extra, forced)):
        for weight, shape, flipped in product(
            kernels(said, probe), biases(bias), (False, True) if weighed else (False,)
        ):
            told = Called(forward, way, inputs, said.extra)
            inner = functional(told, _no_backward, inputs, name=_name(forward))
            yield Conventional(inner, layout, weight, shape, "sum", flipped, True)


def _far(candidate: Conventional, probe: Probe, raised: list[Exception]) -> float:
    try:
        return miss(candidate, probe)
    except Exception as error:  # called this way it does not run; called another, it may
        raised.append(error)
        return np.inf


def _no_backward(cotangent: Any, saved: Any) -> Any:
    raise AssertionError("the backward is not settled")


def _called_back(
    backward: Callable[..., Any] | None, told: Called, probe: Probe
) -> list[CalledBack]:
    """Return each way to call a backward that its parameters allow, the likeliest first."""
    if backward is None:
        return [CalledBack(None, (), {})]
    orders = islice(product(*_takes(backward, told, probe)), WAYS)
    as_forward = _settings(told.way)
    return [CalledBack(backward, takes, {}, "dy" not in takes, as_forward) for takes in orders]


def _settings(way: Way) -> dict[str, str]:
    """Return what each parameter of a way means that is told neither an array nor by the user."""
    return {name: means for name, means in way.means.items() if means and means not in ARRAYS}


def _backwards(
    best: Conventional, called_back: list[CalledBack], probe: Probe, raised: list[Exception]
) -> Iterator[Conventional]:
    """Yield the layer with its backward called in each of the ways in which it runs."""
    for way in called_back:
        try:
            yield placed(replace(best, layer=replace(best.layer, backward=way)), probe)  # type: ignore[type-var]
        except Exception as error:  # this way it does not run; another may
            raised.append(error)


def _takes(backward: Callable[..., Any], told: Called, probe: Probe) -> list[tuple[str, ...]]:
    """Return what each leading parameter of a backward may mean."""
    names = {name: means for name, means in told.way.means.items() if means in ARRAYS}
    taken = [p for p in parameters_of(backward) if _array_like(p, probe)]
    if not taken:
        raise CannotInfer(
            f"{called(backward)} takes no array; a backward takes the upstream gradient"
        )
    if len(taken) == 1:
        return [("x", "y")]
    choices: list[tuple[str, ...]] = []
    for place, parameter in enumerate(taken):
        known = names.get(parameter.name) or meaning(parameter.name, ARRAYS)
        if parameter.name in ARRAYS["dy"] and "dy" not in (c[0] for c in choices):
            known = "dy"
        choices.append((known,) if known else ("dy",) if not place else ("cache", "x", "y"))
    if not any("dy" in choice for choice in choices):
        choices[0] = ("dy",)
    return choices


def _array_like(parameter: inspect.Parameter, probe: Probe) -> bool:
    known = meaning(parameter.name, ARRAYS) is not None
    return parameter.default is parameter.empty and (known or not _setting(parameter, probe))


def _setting(parameter: inspect.Parameter, probe: Probe) -> bool:
    """Tell whether a parameter says a setting that there is: p may be a padding or a softmax."""
    key = meaning(parameter.name, SETTINGS)
    absent = key not in (None, "kernel_size") and key not in probe.config
    return is_setting(parameter.name) and not absent


def _places(best: Conventional, called_back: CalledBack, probe: Probe) -> dict[str, str]:
    """Return where each gradient is in what the backward returns, by shape, then by nearness."""
    held: dict[str, list[str]] = {}
    seen: dict[str, Any] = {}

    def spy(cotangent: Any, saved: Any) -> dict[str, Any]:
        seen.update(flat("returned", called_back.returned(cotangent, saved)))
        for name, array in saved[0].arrays.items():
            held[name] = [
                p for p, g in seen.items() if array is not None and g.shape == array.shape
            ]
        return dict.fromkeys(best.inputs)

    watched = replace(best, layer=replace(best.layer, backward=spy))  # type: ignore[type-var]
    with np.errstate(all="ignore"):
        _, pullback = watched(probe.config).pull(**probe.inputs)
        pullback(probe.cotangent)
    return _placed(("x", *probe.params), held, tuple(seen), called_back.backward)


def _placed(
    names: tuple[str, ...], held: Mapping[str, list[str]], seen: tuple[str, ...], backward: Any
) -> dict[str, str]:
    """Return a place for each gradient: of its shape, or what is left, for the checks to judge."""
    places: dict[str, str] = {}
    for name in names:
        free = [place for place in held.get(name, []) if place not in places.values()]
        places.update({name: free[0]} if free else {})
    missing = [name for name in names if name not in places]
    left = [place for place in seen if place not in places.values()]
    if not seen and missing == ["x"]:
        left = ["returned"]  # nothing, or no array
    if len(missing) == len(left):
        return {**places, **dict(zip(missing, left, strict=True))}
    if missing == ["x"] and not left:
        return places  # it gives none, as a first layer does
    shown = f"{called(backward)} returns" if backward else "the backward returns"
    raise CannotInfer(
        f"{shown} no gradient of the shape of {missing[0]}" if seen else f"{shown} no gradient"
    )


def _apart(candidate: Conventional, probe: Probe, raised: list[Exception]) -> float:
    """Return how far the gradients are from the oracle's, infinite where the backward fails."""
    called_back: CalledBack = candidate.layer.backward  # type: ignore[attr-defined]
    try:
        with np.errstate(all="ignore"):
            _, pullback = candidate(probe.config).pull(**probe.inputs)
            found = pullback(probe.cotangent)
        wanted: dict[str, Any] = dict(probe.gradients)
        given = [n for n in ("x", *probe.params) if n in called_back.places]
        apart = [np.max(np.abs(found[n] - wanted[n])) for n in given]
    except Exception as error:
        raised.append(error)
        return np.inf
    return float(np.sum(np.nan_to_num(apart, nan=np.finfo(float).max)))


def _parted(returned: Any) -> tuple[Any, Any]:
    """Part the output from the cache that comes with it."""
    if not isinstance(returned, (tuple, list)):
        return returned, None
    first, *rest = returned
    return first, rest[0] if len(rest) == 1 else tuple(rest)


def _name(forward: Any) -> str:
    owner = getattr(forward, "__self__", None)
    name = called(forward) if owner is None else type(owner).__name__
    return name.removesuffix("_forward").removeprefix("forward_") or name


def _why(function: Any, probe: Probe, raised: list[Exception]) -> str:
    error = next((e for e in raised if inside(e)), *raised[:1] or (None,))
    said = f": {type(error).__name__}: {error}" if error else ""
    return (
        f"{called(function)} does not run at one point ({probe}){said}; say its conventions or "
        f"arguments, or hand over an adapter"
    )


def _told(settled: Conventional) -> Iterator[str]:
    inner: Any = settled.layer
    means = inner.forward.way.means
    named = (f"{n} ({m})" if m not in ("", n, f"{n} {ITSELF}") else n for n, m in means.items())
    yield f"forward takes {', '.join(named)}"
    if inner.backward.backward is None:
        yield "the backward comes with the output, y, back = f(x)"
    elif inner.backward.derivative:
        yield f"the derivative alone, taken of {inner.backward.takes[0]}"
    else:
        yield f"backward takes {', '.join(inner.backward.takes)}"
    places = inner.backward.places
    if len(places) > 1:
        yield f"backward returns {', '.join(f'd{n}' for n in sorted(places, key=places.get))}"
