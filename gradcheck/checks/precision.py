"""Precision: float32 and float16 gradients against differences in float64, entry by entry.

Where no oracle answers, the layer's own float64 forward may take its place, once differences have
certified its gradient with sight of every entry: bars in float64 are far below a rounding in
float32. The backward under test vouches for nothing: gradient, condition (from the gradients beside
it), scale, and whether entries talk to one another, all come from differences of the forward.

Only entries that do not talk are held to it. Where they do, what cancels inside is not bounded by
the derivatives: those of a normalisation over two entries are nearly zero, its terms are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, scale
from gradcheck.checks import certified
from gradcheck.checks.rounding import compare, of_gradient, unchanged
from gradcheck.finding import Doubt, Failure

if TYPE_CHECKING:
    from gradcheck.checks.sight import Sight
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


def check(trial: Trial) -> Iterator[Finding]:
    """Compare every gradient with its certified float64 twin, where there is one."""
    if trial.case.dtype == "float64" or trial.has_oracle or trial.precision != "float64":
        return
    ours = trial.pull(trial.point.inputs)[1](trial.cotangent)
    for name in trial.inputs:
        found = list(_compare(trial, name, ours[name], 0))
        if _fails(found) and not _fails(_compare(trial, name, ours[name], 1)):
            reason = "one direction of two left its bar"
            yield Doubt(check="differences", wrt=name, reason=reason)
        else:
            yield from found


def _fails(findings: Iterable[Finding]) -> bool:
    return any(isinstance(finding, Failure) for finding in findings)


def _compare(trial: Trial, name: str, mine: Array, turn: int) -> Iterator[Finding]:
    """Compare along one direction; say nothing where differences see too little."""
    if not _alone(trial, name):
        return
    here, up, down = (_sight(trial, name, by, turn) for by in (0.0, bounds.NUDGE, -bounds.NUDGE))
    dtype, size = trial.case.dtype, np.abs(here.value)
    # A bar within what careful code may lose, or within a rounding of the largest entry.
    known = bounds.function_error(size, np.zeros_like(size), dtype)
    known = np.maximum(known, bounds.unit_roundoff(dtype) * float(np.max(size, initial=0.0)))
    if not (here.entries and np.all(here.tight <= known)):
        return
    condition = np.abs(up.value - down.value) / (2 * bounds.NUDGE)
    slope, shrunk = _slope(trial, name), _sight(trial, name, -bounds.SHRINK, turn)
    steady = unchanged(trial, here.value, shrunk.value, slope, here.tight + shrunk.tight)
    allowed = of_gradient(trial, here.value, condition, slope, steady)
    allowed = replace(allowed, tight=allowed.tight + here.tight, loose=allowed.loose + here.tight)
    yield from compare(
        trial, name, mine, here.value, allowed, regime="rounding", against="differences"
    )


def _sight(trial: Trial, name: str, by: float, turn: int) -> Sight:
    """See the gradient where every input is larger by a share."""
    inputs = {
        n: None if a is None else a.astype(np.float64) * (1 + by)
        for n, a in trial.point.inputs.items()
    }
    wide = trial.widened(inputs, trial.cotangent)
    return certified.look(wide, name, np.zeros(trial.point.reach[name].shape), None, turn)


def _slope(trial: Trial, name: str) -> float:
    """Return the largest derivative, here and at arguments of unit size."""
    rng = trial.rng("scale")
    unit = {
        n: None if a is None else rng.standard_normal(a.shape)
        for n, a in trial.point.inputs.items()
    }
    drawn, nothing = scale.even(rng, trial.cotangent), np.zeros(trial.point.reach[name].shape)
    places = [trial.widened(point, drawn) for point in (unit, trial.point.inputs)]
    sizes = [np.abs(certified.look(wide, name, nothing, None, 0).value) for wide in places]
    return max(float(np.max(size, initial=0.0)) for size in sizes)


def _alone(trial: Trial, name: str) -> bool:
    """Return whether moving an entry moves, to the last bit, the output at its own place alone."""
    if certified.pointwise(trial, name):
        return True
    forward, x = trial.forward64(name), trial.point.inputs[name]
    assert x is not None  # only present inputs are differentiated
    if x.shape != trial.cotangent.shape:
        return False
    with np.errstate(all="ignore"):
        before = forward(x.astype(np.float64))
        for index in np.ndindex(x.shape):
            moved = x.astype(np.float64)
            moved[index] += trial.point.reach[name][index] / 2
            changed = forward(moved) != before
            changed[index] = False
            if changed.any():
                return False
    return True
