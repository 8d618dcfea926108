"""Warned: what the layer prints to a user who has not silenced NumPy."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.checks.contract._call import Call
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Call the layer unguarded and listen."""
    arrays = {n: None if a is None else trial.hand(a) for n, a in call.inputs.items()}
    with warnings.catch_warnings(record=True) as heard, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        _, pullback = trial.configured.pull(**arrays)
        pullback(trial.hand(call.cotangent))
    for warning in heard[:1]:
        yield from trial.demand("", "warning", f"a warning escapes: {warning.message}")
