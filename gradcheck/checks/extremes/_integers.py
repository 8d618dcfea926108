"""Integers: whole numbers of an integer dtype are refused, or taken for the numbers they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, guard
from gradcheck.floats import is_float
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial


def check(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Hand over whole numbers as integers: to be refused, or taken for the numbers they are."""
    whole = {n: None if a is None else np.rint(a) for n, a in inputs.items()}
    counted = {n: None if a is None else _clipped(a).astype(np.int64) for n, a in whole.items()}
    try:
        gradients = guard.pull(trial.configured, counted, None, hand=trial.hand)[1](trial.cotangent)
    except Raised:
        return  # refused: a gradient with respect to integers is nothing to ask for
    except Violation as reason:
        message = "integer inputs are taken, and what comes back is no gradient"
        yield from trial.demand("", "integer input", message, str(reason))
        return
    for name, gradient in gradients.items():
        if not is_float(gradient.dtype):
            message = (
                f"integer inputs are taken, and give a gradient for {name} of {gradient.dtype}"
            )
            yield from trial.demand(name, "integer input", message)
            return


def _clipped(array: Array) -> Array:
    most = 2.0 ** (bounds.mantissa_bits("float64") - 1)
    return np.clip(array.astype(np.float64), -most, most)
