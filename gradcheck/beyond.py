r"""Beyond: numbers that a dtype cannot hold, for which infinity is the right answer.

Half the largest number decides: a smaller value would have to lose every digit to round to
infinity. What is due says the oracle, or without one the layer itself, in float64; and where the
layer is given float64, its gradients of a cotangent :math:`2^{-64}` times as large. That excuses an
infinity, and so leads to a doubt at most, never to a pass.

A gradient is also beyond where a cotangent of magnitudes one or more makes it so: there it is the
derivative that the dtype does not hold, however small the cotangent that it is multiplied by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial

OCTAVES = 64
"""Powers of two by which a cotangent is made smaller."""


def needless(
    trial: Trial, inputs: Inputs, cotangent: Array, results: Mapping[str, Array]
) -> dict[str, Array]:
    """Return which entries are infinite or NaN although the dtype holds what is due there, if any.

    Parameters
    ----------
    trial : Trial
        The layer, and who is asked.
    inputs, cotangent
        Where it was evaluated.
    results : Mapping[str, Array]
        What it gave: gradients by name, the output as ``"output"``.
    """
    odd = nonfinite(results)
    if not odd:
        return odd
    for u in (cotangent, np.copysign(np.maximum(np.abs(cotangent), 1), cotangent)):
        due = _due(trial, inputs, u)
        odd = {n: m & ~_beyond(trial, due[n]) if n in due else m for n, m in odd.items()}
    return {name: mask for name, mask in odd.items() if mask.any()}


def nonfinite(results: Mapping[str, Array]) -> dict[str, Array]:
    """Return where arrays are infinite or NaN, those alone that are so anywhere."""
    finite = {name: np.isfinite(array) for name, array in results.items()}
    return {name: ~mask for name, mask in finite.items() if not mask.all()}


def _due(trial: Trial, inputs: Inputs, cotangent: Array) -> dict[str, Array]:
    """Return what is due, infinite where it is beyond float64; NaN where nobody knows."""
    answer = trial.ask(inputs, cotangent)
    if answer is not None:
        return {"output": answer[0], **answer[1]}
    try:
        wide = trial.widened(inputs, cotangent)
        output, pullback = wide.pull(wide.point.inputs)
        small = pullback(np.ldexp(wide.cotangent, -OCTAVES))
    except (Raised, Violation):
        return {}  # float64 is refused: nothing is excused
    with np.errstate(over="ignore"):
        due = {name: np.ldexp(gradient, OCTAVES) for name, gradient in small.items()}
    if not np.isinf(output).any():
        # A slope that is infinite while the output is not: a pole, or a division by zero.
        due = {name: np.where(np.isinf(small[name]), np.nan, g) for name, g in due.items()}
    return {"output": output, **due}


def _beyond(trial: Trial, due: Array) -> Array:
    """Return where what is due may round to infinity; what the oracle says is NaN, may be NaN."""
    within: Array = np.abs(due) <= bounds.half_of_largest(trial.case.dtype)
    return ~within & (trial.has_oracle | ~np.isnan(due))
