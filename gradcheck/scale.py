r"""Scale: how large a layer's values and derivatives are where it is steep.

A derivative that is written with a difference, :math:`y (1 - y)`, is rounded at the size of what
was there before it cancelled. That size does not show in the entry itself. It shows where the
arguments are of unit size: all of them, a drawn half, or none, the rest as they are, for the
derivative of a gate is as steep as what it lets through is large. A point of the caller's has a
unit of its own besides, the typical size of an entry.

A few draws miss the one gate that lets much through. So before a failure is told, many more look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.floats import is_float
from gradcheck.points import typical
from gradcheck.spec import Smooth
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial

SHARES = (1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.0)
"""Shares of the arguments that are made of unit size, in turn."""

LEISURE = (0.5,) * 64
"""The same before a failure: a gate stays open once in four times, so none is missed."""

ARGUMENTS = 16
"""Arguments, about so many at least, among which the steepest counts."""

Units = Mapping[str, float]


@dataclass(frozen=True)
class Scale:
    """The largest value and the largest derivative by each input, both of magnitude."""

    value: float
    slopes: Units


def of(trial: Trial) -> Scale:
    """Return the scale of a layer, as its oracle says; without one, what its outputs span.

    An output's span over the unit of its arguments is the derivative's scale.
    """
    if trial.scale is None:
        trial.scale = _measured(trial, _shares(trial))
    return trial.scale


def grows(trial: Trial) -> bool:
    """Look at leisure, once, for places where the layer is steeper; tell whether there are any."""
    before = trial.scale
    if before is None or trial.searched:
        return False
    trial.searched = True
    trial.scale = _joined([before, _measured(trial, LEISURE)])
    return trial.scale != before


def _measured(trial: Trial, shares: Sequence[float]) -> Scale:
    found = _asked if trial.has_oracle else _spanned
    return _joined([found(trial, units, shares) for units in _units(trial)])


def _shares(trial: Trial) -> tuple[float, ...]:
    return SHARES * max(1, ARGUMENTS // (len(SHARES) * max(trial.cotangent.size, 1)))


def _joined(scales: list[Scale]) -> Scale:
    slopes = {n: max(scale.slopes[n] for scale in scales) for n in scales[0].slopes}
    return Scale(max(scale.value for scale in scales), slopes)


def _units(trial: Trial) -> Iterator[Units]:
    yield dict.fromkeys(trial.inputs, 1.0)
    if trial.case.given is not None:
        yield {name: typical(array) for name, array in _present(trial).items()}


def _present(trial: Trial) -> dict[str, Array]:
    return {n: a for n, a in trial.point.inputs.items() if a is not None}


def _asked(trial: Trial, units: Units, shares: Sequence[float]) -> Scale:
    value, slopes = 0.0, dict.fromkeys(units, 0.0)
    apart, rng = pointwise(trial), trial.rng("scale cotangent")
    for share, inputs in _places(trial, units, shares):
        answer = trial.ask(inputs, even(rng, trial.cotangent))
        assert answer is not None  # there is an oracle
        for name, gradient in answer[1].items():
            slopes[name] = max(slopes.get(name, 0.0), _largest(gradient))
        # Where entries do not talk, a large one says nothing of how a small one is rounded.
        if share == 1.0 or not apart:
            value = max(value, _largest(answer[0]))
    return Scale(value, slopes)


def _spanned(trial: Trial, units: Units, shares: Sequence[float]) -> Scale:
    seen = np.concatenate([_seen(trial, inputs) for _, inputs in _places(trial, units, shares)])
    span = float(np.ptp(seen)) if seen.size else 0.0
    return Scale(_largest(seen), {name: span / unit for name, unit in units.items()})


def _seen(trial: Trial, inputs: Inputs) -> Array:
    """Return the finite outputs; none where such arguments are outside the domain."""
    try:
        with np.errstate(all="ignore"):
            output = trial.value64(inputs)
    except (Raised, Violation):
        return np.zeros(0)
    finite: Array = output[np.isfinite(output)].ravel().astype(np.float64)
    return finite


def pointwise(trial: Trial) -> bool:
    """Return whether the spec says that entries do not talk to each other."""
    form = trial.spec.form if trial.spec else None
    return isinstance(form, Smooth) and form.pointwise


def even(rng: np.random.Generator, u: Array) -> Array:
    """Draw a cotangent of about unit size and either sign: of equal ones a softmax has none."""
    drawn: Array = rng.choice([-1.0, 1.0], u.shape) * rng.uniform(0.5, 1.0, u.shape)
    return drawn


def _places(trial: Trial, units: Units, shares: Sequence[float]) -> Iterator[tuple[float, Inputs]]:
    rng = trial.rng("scale at leisure" if shares is LEISURE else "scale")
    for share in shares:
        drawn = {n: _partly(rng, a, share, units[n]) for n, a in _present(trial).items()}
        yield share, dict.fromkeys(trial.point.inputs) | drawn


def _partly(rng: np.random.Generator, array: Array, share: float, unit: float) -> Array:
    """Put normal numbers of a size in a share of the places; of integers, in none."""
    if not is_float(array.dtype):
        return array
    here = rng.random(array.shape) < share
    return np.where(here, unit * rng.standard_normal(array.shape), array)


def _largest(array: Array) -> float:
    return float(np.max(np.abs(array), initial=0.0))
