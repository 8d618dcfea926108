"""Certified: differences with error bars, along directions or entry by entry.

The forward is evaluated in float64 whatever the case's dtype: a float32 backward is held against
the certified float64 derivative of the same layer, within float32's rounding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, scale
from gradcheck.bounds import Bound
from gradcheck.checks import conditioned, near, rounding, whole
from gradcheck.checks.sight import Sight
from gradcheck.differences import directional
from gradcheck.discrepancy import Discrepancy
from gradcheck.finding import Doubt, Evidence

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

DIRECTIONS = 2
"""Independent directions: a failure needs every one of them outside its bar."""

ENTRIES = 64
"""Inputs so small are differentiated entry by entry, one tangent an entry."""


def check(trial: Trial) -> Iterator[Finding]:
    """Differentiate each input in turn and compare."""
    inputs, u = trial.point.inputs, trial.cotangent
    output, pullback = trial.pull(inputs)
    gradients = pullback(u)
    answer = trial.ask(inputs, u)
    oracle = None if answer is None else answer[1]
    for name in trial.inputs:
        gradient = gradients[name].astype(np.float64)
        if not gradient.size:
            continue
        aside = yield from near.aside(trial, name, gradient, *_line(trial, name, 0))
        if aside.any():
            trial.aside[name] = aside
        sights = [look(trial, name, gradient, oracle, 0)]
        # What the first direction shows, the second confirms; what it does not, is in the power.
        if sights[0].outside.any():
            sights += [look(trial, name, gradient, oracle, t) for t in range(1, DIRECTIONS)]
            sights = [
                _excused(trial, name, gradient, sight, turn, output)
                for turn, sight in enumerate(sights)
            ]
        yield from _judge(trial, name, gradient, sights)


def look(
    trial: Trial, name: str, gradient: Array, oracle: Mapping[str, Array] | None, turn: int
) -> Sight:
    """See the gradient of one input, entry by entry where that can be afforded.

    Parameters
    ----------
    trial : Trial
        The layer at its point.
    name : str
        The input.
    gradient : Array
        What backward gives for it.
    oracle : Mapping or None
        What autograd gives.
    turn : int
        Directions are drawn anew for each turn.
    """
    autograd = None if oracle is None else oracle.get(name)
    if pointwise(trial, name):
        return _pointwise_sight(trial, name, gradient, autograd, turn)
    if gradient.size <= ENTRIES:
        return _entry_sight(trial, name, gradient, autograd, turn)
    line = _line_sight(trial, name, gradient, autograd, turn)
    if trial.has_oracle or power(trial, gradient, line) <= bounds.weakest_sight(trial.case.dtype):
        return line
    return _whole_sight(trial, name, gradient, autograd, turn) or line


def _excused(
    trial: Trial, name: str, gradient: Array, sight: Sight, turn: int, output: Array
) -> Sight:
    """Return the sight with wider bars, where what lies outside may be right."""
    there = partial(_there, name, gradient, turn, sight)
    sight = conditioned.allowing(trial, sight, there)
    if sight.autograd is not None:
        return sight
    return conditioned.hiding(trial, sight, _line(trial, name, turn)[1], output)


def _there(name: str, gradient: Array, turn: int, here: Sight, trial: Trial) -> Array | None:
    """Return what differences say at another point, seen as they were seen here."""
    if not here.entries:
        return _line_sight(trial, name, gradient, None, turn).value
    if pointwise(trial, name):
        return _pointwise_sight(trial, name, gradient, None, turn).value
    if gradient.size <= ENTRIES:
        return _entry_sight(trial, name, gradient, None, turn).value
    found = _whole_sight(trial, name, gradient, None, turn)
    return None if found is None else found.value


def pointwise(trial: Trial, name: str) -> bool:
    """Return whether the spec says that entries do not talk to each other."""
    return name == "x" and scale.pointwise(trial)


def _pointwise_sight(
    trial: Trial, name: str, gradient: Array, autograd: Array | None, turn: int
) -> Sight:
    """One tangent differentiates every entry at once: entries do not talk to each other."""
    x, tangent = _line(trial, name, turn)
    estimate = directional(trial.forward64(name), x, tangent, pointwise=True, dtype=trial.precision)
    u = trial.cotangent.astype(np.float64)
    value, bar = u * estimate.value / tangent, np.abs(u / tangent) * estimate.bar
    return _entries(trial, name, gradient, value, bar, autograd)


def _entries(
    trial: Trial, name: str, gradient: Array, value: Array, bar: Array, autograd: Array | None
) -> Sight:
    """See every entry: the bars of the differences, and what a backward may round."""
    tight, loose = _rounding(trial, name, value)
    return Sight(gradient, value, bar + tight, bar + loose, autograd, 1.0, entries=True)


def _entry_sight(
    trial: Trial, name: str, gradient: Array, autograd: Array | None, turn: int
) -> Sight:
    x, tangent = _line(trial, name, turn)
    u = trial.cotangent.astype(np.float64)
    values, bars = np.zeros(gradient.shape), np.zeros(gradient.shape)
    for index in np.ndindex(gradient.shape):
        if not tangent[index]:
            values[index] = gradient[index]
            continue
        single = np.zeros_like(tangent)
        single[index] = tangent[index]
        value, bar = _contracted(trial, name, x, single, u)
        values[index], bars[index] = value / tangent[index], bar / abs(tangent[index])
    return _entries(trial, name, gradient, values, bars, autograd)


def entry(trial: Trial, name: str, place: tuple[int, ...]) -> tuple[float, float]:
    """Return one entry of a gradient from differences, with its bar."""
    x, tangent = _line(trial, name, 0)
    single = np.zeros_like(tangent)
    single[place] = tangent[place]
    value, bar = _contracted(trial, name, x, single, trial.cotangent.astype(np.float64))
    return value / float(tangent[place]), bar / abs(float(tangent[place]))


def _line_sight(
    trial: Trial, name: str, gradient: Array, autograd: Array | None, turn: int
) -> Sight:
    x, tangent = _line(trial, name, turn)
    u = trial.cotangent.astype(np.float64)
    value, bar = _contracted(trial, name, x, tangent, u)
    along = float(np.vdot(gradient, tangent))
    size = float(np.vdot(np.abs(gradient), np.abs(tangent)))
    bar += bounds.gamma(gradient.size + 2, "float64") * size
    length = float(np.abs(tangent).sum())
    tight, loose = (
        np.array([bar + float(np.max(lost)) * length]) for lost in _rounding(trial, name, gradient)
    )
    trusted = None if autograd is None else np.array([float(np.vdot(autograd, tangent))])
    weight = float(np.min(np.abs(tangent[tangent != 0])))
    return Sight(np.array([along]), np.array([value]), tight, loose, trusted, weight, False)


def _whole_sight(
    trial: Trial, name: str, gradient: Array, autograd: Array | None, turn: int
) -> Sight | None:
    found = whole.gradient(trial, name, turn)
    if found is None:
        return None
    values, bars = found
    if (aside := trial.aside.get(name)) is not None:
        values, bars = np.where(aside, gradient, values), np.where(aside, 0.0, bars)
    return _entries(trial, name, gradient, values, bars, autograd)


def _contracted(trial: Trial, name: str, x: Array, tangent: Array, u: Array) -> tuple[float, float]:
    estimate = directional(trial.forward64(name), x, tangent, dtype=trial.precision)
    terms = u * estimate.value
    bar = float(np.vdot(np.abs(u), estimate.bar))
    bar += bounds.gamma(u.size + 2, "float64") * float(np.abs(terms).sum())
    return float(terms.sum()), bar


def _line(trial: Trial, name: str, turn: int) -> tuple[Array, Array]:
    """Return x and a tangent, 0 near a kink."""
    array, aside = trial.point.inputs[name], trial.aside.get(name)
    assert array is not None  # only present inputs are differentiated
    tangent = trial.tangents.get((name, turn))
    if tangent is None:
        tangent = trial.tangents[name, turn] = _tangent(trial, name, turn)
    return array.astype(np.float64), tangent if aside is None else np.where(aside, 0.0, tangent)


def _tangent(trial: Trial, name: str, turn: int) -> Array:
    """Draw a random sign and half to all of each entry's reach."""
    rng, reach = trial.rng(f"tangent {name} {turn}"), trial.point.reach[name]
    half = rng.uniform(-0.5, 0.5, reach.shape)
    half += np.copysign(0.5, half)
    half *= np.maximum(reach, bounds.smallest("float32"))
    return half


def _rounding(trial: Trial, name: str, value: Array) -> tuple[Array, Array]:
    """Return what careful code may round, of its own size, and honest code, of the layer's."""
    dtype, u = trial.case.dtype, trial.cotangent.astype(np.float64)
    own: Array = bounds.function_error(value, np.zeros_like(value), dtype)
    lost = bounds.scale_error(1.0, dtype)
    if not scale.pointwise(trial):
        lost += bounds.reduction(u.size, 2, dtype)
    size = float(np.abs(value).max(initial=0.0))
    steepest = float(np.abs(u).max(initial=0.0)) * scale.of(trial).slopes.get(name, 0.0)
    return own + lost * size, own + lost * max(size, steepest)


def _judge(trial: Trial, name: str, gradient: Array, sights: list[Sight]) -> Iterator[Finding]:
    """Fail on two directions outside their bars, doubt one, and state what was seen otherwise."""
    outside = [sight.outside for sight in sights]
    alike = len({one.shape for one in outside}) == 1  # a line confirms no entry, nor one a line
    both = np.all(outside, axis=0) if alike else np.zeros_like(outside[0])
    if np.any(both):
        yield from _outside(trial, name, sights[0], both)
        return
    if any(map(np.any, outside)):
        yield Doubt(check="differences", wrt=name, reason="one direction of two left its bar")
        return
    yield from _evidence(trial, name, gradient, sights)


def _outside(trial: Trial, name: str, sight: Sight, both: Array) -> Iterator[Finding]:
    apart = np.where(both, sight.apart, -1.0)
    place = np.unravel_index(int(np.argmax(apart)), apart.shape)
    index = tuple(int(i) for i in place) if sight.entries else ()
    autograd = None if sight.autograd is None else float(sight.autograd[place])
    discrepancy = Discrepancy(
        wrt=name, index=index, backward=float(sight.backward[place]),
        differences=float(sight.value[place]), autograd=autograd,
        bound=Bound(float(sight.bar[place]), "error bar of the differences and rounding"),
        ulps=bounds.ulps(float(apart[place]), float(sight.value[place]), trial.case.dtype),
    )  # fmt: skip
    if autograd is not None and abs(autograd - sight.backward[place]) <= sight.bar[place]:
        yield Doubt(
            check="differences", wrt=name,
            reason="differences of the forward contradict the backward, autograd agrees with it: "
            "the forward is not the oracle's",
        )  # fmt: skip
        return
    count = int(np.sum(both))
    share = f"{count} of {apart.size} entries lie" if sight.entries else "its derivative lies"
    yield trial.failure(
        "differences", name,
        f"the gradient for {name} is wrong: {share} outside the error bars of the differences",
        discrepancy,
    )  # fmt: skip


def _between(name: str, sight: Sight) -> Finding:
    """Note digits lost below the layer's scale; only an oracle tells them from an error."""
    if sight.autograd is not None:
        return rounding.below_scale(f"the gradient for {name}")
    return Doubt(
        check="differences", wrt=name,
        reason=f"the gradient for {name} is off by more than careful code rounds and by less than "
        "honest code may: an oracle would tell",
    )  # fmt: skip


def power(trial: Trial, gradient: Array, sight: Sight) -> float:
    """Return the smallest error in an entry that shows, over the gradient's largest entry."""
    u_size = float(np.abs(trial.cotangent).max(initial=0.0))
    largest = max(float(np.abs(gradient).max(initial=0.0)), bounds.WEAKEST_SIGHT * u_size)
    return float(sight.kept.max()) / sight.weight / largest


def _evidence(trial: Trial, name: str, gradient: Array, sights: list[Sight]) -> Iterator[Finding]:
    sight = sights[0]
    apart = sight.apart
    if (apart > sight.tight).any():
        yield _between(name, sight)
    ratio = apart / np.maximum(sight.kept, bounds.smallest("float64"))
    place = np.unravel_index(int(np.argmax(ratio)), apart.shape)
    dtype, seen = trial.case.dtype, min(power(trial, gradient, one) for one in sights)
    yield Evidence(
        regime="certified", column="backward/differences", wrt=name, worst=float(apart[place]),
        bound=Bound(float(sight.kept[place]), "error bar of the differences and rounding"),
        ulps=bounds.ulps(float(apart[place]), float(sight.value[place]), dtype),
        bar=seen if seen <= bounds.weakest_sight(dtype) else None, power=seen, dtype=dtype,
    )  # fmt: skip
    if sight.autograd is not None:
        gap = np.abs(sight.autograd - sight.value)
        yield Evidence(
            regime="certified", column="differences/autograd", wrt=name, worst=float(gap[place]),
            bound=Bound(float(sight.bar[place]), "error bar of the differences"), dtype=dtype,
        )  # fmt: skip
