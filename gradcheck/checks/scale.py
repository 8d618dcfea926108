r"""Scale: how large a layer's values and derivatives are where it is steep.

A derivative that is written with a difference, :math:`y (1 - y)`, is rounded at the size of what
was there before it cancelled. That size does not show in the entry itself. It shows where the
arguments are of unit size: all of them, a drawn half, or none, the rest as they are, for the
derivative of a gate is as steep as what it lets through is large.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.spec import Smooth
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial

SHARES = (1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.0)
"""Shares of the arguments that are made of unit size, in turn."""

ARGUMENTS = 16
"""Arguments, about so many at least, among which the steepest counts."""


@dataclass(frozen=True)
class Scale:
    """The largest value and the largest derivative, both of magnitude."""

    value: float
    slope: float


def of(trial: Trial) -> Scale:
    """Return the scale of a layer, as its oracle says; without one, what its outputs span.

    An output's span is the derivative's scale, since arguments of unit size make it.
    """
    if trial.scale is None:
        trial.scale = _asked(trial) if trial.has_oracle else _spanned(trial)
    return trial.scale


def _asked(trial: Trial) -> Scale:
    value = slope = 0.0
    apart, rng = pointwise(trial), trial.rng("scale cotangent")
    for share, inputs in _places(trial):
        answer = trial.ask(inputs, even(rng, trial.cotangent))
        assert answer is not None  # there is an oracle
        slope = max(slope, *(_largest(gradient) for gradient in answer[1].values()))
        # Where entries do not talk, a large one says nothing of how a small one is rounded.
        if share == 1.0 or not apart:
            value = max(value, _largest(answer[0]))
    return Scale(value, slope)


def _spanned(trial: Trial) -> Scale:
    seen = np.concatenate([_seen(trial, inputs) for _, inputs in _places(trial)])
    return Scale(_largest(seen), float(np.ptp(seen)) if seen.size else 0.0)


def _seen(trial: Trial, inputs: Inputs) -> Array:
    """Return the finite outputs; none where arguments of unit size are outside the domain."""
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


def _places(trial: Trial) -> Iterator[tuple[float, Inputs]]:
    rng, size = trial.rng("scale"), max(trial.cotangent.size, 1)
    for share in SHARES * max(1, ARGUMENTS // (len(SHARES) * size)):
        yield (
            share,
            {
                name: None
                if array is None
                else array
                if not np.issubdtype(array.dtype, np.floating)
                else np.where(
                    rng.random(array.shape) < share, rng.standard_normal(array.shape), array
                )
                for name, array in trial.point.inputs.items()
            },
        )


def _largest(array: Array) -> float:
    return float(np.max(np.abs(array), initial=0.0))
