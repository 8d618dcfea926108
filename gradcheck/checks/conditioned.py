r"""Conditioned: what a gradient may lose where it hangs on the last digits of its inputs.

A saturated attention rounds :math:`q \cdot k`, and its gradient changes by a thousand times as many
units in the last place. What a relative change of the inputs changes of the gradient, differences
tell at points close by: :math:`2k` ULP of it are rounding. That widens a bar, and with it what a
pass would not have seen: it excuses a failure, and never earns a pass.

So does what stands still within a forward while the finest samples move (`bounds.standstill`): they
see a part of it alone, without a sign that there is more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, scale
from gradcheck.floats import is_float
from gradcheck.ladder import DISTANCES, WIDTH

if TYPE_CHECKING:
    from gradcheck.checks.sight import Sight
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

SPREAD = 16
"""Draws that measure a condition."""

HOPELESS = 64
"""Times the first draw's excuse, beyond which no further one is drawn."""


def allowing(trial: Trial, sight: Sight, there: Callable[[Trial], Array | None]) -> Sight:
    """Return the sight with bars that allow for the condition of what was seen.

    Parameters
    ----------
    trial : Trial
        The layer at its point.
    sight : Sight
        What was seen there.
    there : callable
        What differences see of the same at another point; None where they see nothing.
    """
    rng, squares = trial.rng("condition of the differences"), np.zeros(sight.value.shape)
    for drawn in range(1, SPREAD + 1):
        value = there(_nudged(trial, rng))
        if value is None or value.shape != sight.value.shape:
            return sight
        squares += ((value - sight.value) / bounds.NUDGE) ** 2
        excuse = _excuse(np.sqrt(squares / drawn), trial.case.dtype)
        if drawn == 1 and not np.any(sight.outside & (sight.apart <= HOPELESS * excuse)):
            return sight
    return replace(sight, bar=sight.bar + excuse)


def hiding(trial: Trial, sight: Sight, tangent: Array, output: Array) -> Sight:
    """Return the sight with bars that allow for what the finest samples cannot show.

    Parameters
    ----------
    trial : Trial
        The layer at its point.
    sight : Sight
        What was seen there.
    tangent : Array
        Along which.
    output : Array
        The layer's output there.
    """
    hidden = np.abs(trial.cotangent) * bounds.standstill(output, trial.precision)
    moves = DISTANCES[WIDTH - 1] * np.abs(tangent)
    if not sight.entries:
        return replace(sight, bar=sight.bar + hidden.sum() / DISTANCES[WIDTH - 1])
    if not scale.pointwise(trial):
        hidden = hidden.sum()
    with np.errstate(divide="ignore", invalid="ignore"):  # set aside: 0 of 0
        return replace(sight, bar=sight.bar + np.nan_to_num(hidden / moves, posinf=0.0))


def _nudged(trial: Trial, rng: np.random.Generator) -> Trial:
    moved = {n: _moved(a, rng) for n, a in trial.point.inputs.items()}
    wide = trial.widened(moved, trial.cotangent)
    wide.aside = trial.aside
    return wide


def _moved(array: Array | None, rng: np.random.Generator) -> Array | None:
    if array is None or not is_float(array.dtype):
        return array
    return array * (1 + bounds.NUDGE * rng.standard_normal(array.shape))


def _excuse(spread: Array, dtype: str) -> Array:
    """Return 2k ULP, k twice the spread; infinite where that cannot be told."""
    allowed = bounds.function_error(np.zeros_like(spread), 2 * spread, dtype)
    return np.where(np.isnan(allowed), np.inf, allowed)
