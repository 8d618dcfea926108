"""Sizes: with x just below overflow, or denormal, no warning escapes and numbers stay numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import half_of_largest, smallest, unit_roundoff
from gradcheck.checks.extremes._both import both, called
from gradcheck.heard import warned
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Inputs
    from gradcheck.trial import Trial

HEADROOM = 7
"""Powers of two below half the largest number, for what a function multiplies its input by."""


def huge(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Scale x to just below overflow, the sums that it stands in allowed for."""
    size = _size(inputs)
    form = trial.linear_form
    terms = max(trial.counts.values()) if form else 1
    others = [np.abs(a).max(initial=1.0) for a in inputs.values() if a is not None]
    room = terms * float(np.prod([*others, np.abs(trial.cotangent).max(initial=1.0)])) / size
    scale = half_of_largest(trial.case.dtype) / 2.0**HEADROOM / max(room, 1.0) / size
    yield from _sized(trial, inputs, "huge", scale)


def tiny(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Scale x to denormal numbers."""
    dtype = trial.case.dtype
    denormal = smallest(dtype) * 2 * unit_roundoff(dtype)
    yield from _sized(trial, inputs, "tiny", denormal * 2**HEADROOM / _size(inputs))


def _size(inputs: Inputs) -> float:
    x = inputs["x"]
    assert x is not None  # present, as asked before
    return float(np.max(np.abs(x), initial=0.0)) or 1.0


def _sized(trial: Trial, inputs: Inputs, label: str, scale: float) -> Iterator[Finding]:
    """Scale x: no warning escapes, and every number that fits is a number."""
    x = inputs["x"]
    assert x is not None  # present, as asked before
    given = {**inputs, "x": (x.astype(np.float64) * scale).astype(x.dtype)}
    try:
        mine, theirs = both(trial, given)
    except Raised as raised:
        if raised.where == "oracle":
            raise
        message = f"{label} numbers in x are refused, the oracle takes them"
        yield from trial.demand("", f"{label} numbers", message, str(raised))
        return
    for warning in warned(trial, given)[:1]:
        message = f"with {label} numbers in x a warning escapes: {warning}"
        yield from trial.demand("", "warning", message)
    largest = half_of_largest(trial.case.dtype)
    for name, array in mine.items():
        wrong = ~np.isfinite(array) & (np.abs(theirs[name]) < largest)
        if np.any(wrong):
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            yield from trial.demand(
                name, f"{label} numbers",
                f"{label} numbers in x make {called(name)} infinite or NaN, the oracle's not",
                f"{list(index)} is {array[index]} and not {theirs[name][index]}",
            )  # fmt: skip
            return
