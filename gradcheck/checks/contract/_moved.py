"""Moved: the same numbers elsewhere in memory, and how far apart the answers may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.alike import alike
from gradcheck.bounds import mantissa_bits
from gradcheck.checks.contract._call import Call, called
from gradcheck.magnitude import rounding
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial

LARGEST = 8
"""Of the integers drawn: so small that a transform's rounding cannot reach another integer."""


def integers(trial: Trial, call: Call) -> tuple[Inputs, Array] | None:
    """Draw inputs and a cotangent of small integers, where no sum of their products can round."""
    form, case = trial.linear_form, trial.case
    if form is None or case.given is not None or form.rounds(case):
        return None
    divisor, terms = form.divisor(case), max(trial.counts.values())
    most = terms * max(form.coefficient(case), 1.0) * divisor * LARGEST ** (form.degree + 1)
    if most >= 2.0 ** mantissa_bits(case.dtype):
        return None
    rng = trial.rng("moved")

    def drawn(like: Array) -> Array:
        whole = rng.integers(-LARGEST, LARGEST, like.shape, endpoint=True)
        return (divisor * whole).astype(like.dtype)

    inputs = {n: None if a is None else drawn(a) for n, a in call.inputs.items()}
    return inputs, drawn(call.cotangent)


def compare(
    trial: Trial, where: str, plain: tuple[Inputs, Array], moved: tuple[Inputs, Array]
) -> Iterator[Finding]:
    """Hold the answers to the same numbers in two layouts against each other.

    Equal bits are demanded where both are integers all over; elsewhere the order of sums rounds.
    """
    try:
        laid = Call.of(trial, *moved).results
    except Raised as raised:
        message = f"{where} are refused"
        yield from trial.demand("", "layout refused", message, str(raised))
        return
    for name, before in Call.of(trial, *plain).results.items():
        if alike(before, laid[name]):
            continue
        exact = trial.linear_form is not None and _whole(before) and _whole(laid[name])
        slack = 0.0 if exact else rounding(trial, name, *plain)
        # Infinity less infinity is NaN, which is no difference; the check of finiteness judges it.
        with np.errstate(all="ignore"):
            apart = np.abs(laid[name].astype(np.float64) - before)
        if np.any(apart > slack):
            yield trial.failure(
                "contract", name,
                f"{where} change {called(name)}: is memory read in an order of its own, by "
                "strides, order='K' or a bare pointer?",
            )  # fmt: skip
            return


def _whole(array: Array) -> bool:
    return bool(np.all(array == np.rint(array)))
