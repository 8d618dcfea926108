"""Mutation: inputs, parameters and the cotangent belong to the caller, and are not written to.

They are handed over read-only, so that most layers that write are found out at once; compared with
copies afterwards, since C code writes all the same; and handed over writable, since a layer may
look first whether it is allowed to write.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from gradcheck import guard
from gradcheck.alike import alike
from gradcheck.checks.contract._call import Call
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Failure, Finding
    from gradcheck.layer import Inputs
    from gradcheck.trial import Trial


def first(trial: Trial, inputs: Inputs) -> Generator[Finding, None, Call | None]:
    """Call the layer for the first time; return the call, or None where it wrote to anything.

    A layer that only refuses to take what is read-only is given writable copies from then on.
    """
    before = {n: None if a is None else a.copy() for n, a in inputs.items()}
    try:
        u = trial.cotangent.copy()
        call = Call.of(trial, inputs, trial.cotangent)
    except Raised as raised:
        if "read-only" not in str(raised.error):
            raise
        what = _written(trial, inputs)
        if what is None:
            trial.hand = guard.copied
            call = Call.of(trial, inputs, trial.cotangent)
            message = "read-only arrays are refused, though nothing is written to"
            yield from trial.demand("", "layout refused", message, str(raised))
    else:
        after = {**inputs, "cotangent": trial.cotangent}
        what = _changed(after, {**before, "cotangent": u})
    if what is None:
        return call
    yield _failure(trial, what)
    return None


def writable(trial: Trial, call: Call) -> Iterator[Finding]:
    """Hand everything over writable, and look whether it was written to."""
    what = _written(trial, call.inputs)
    if what is not None:
        yield _failure(trial, what)


def _written(trial: Trial, inputs: Inputs) -> str | None:
    mine = {n: None if a is None else a.copy() for n, a in inputs.items()}
    output, pullback = guard.pull(trial.configured, mine, None, hand=guard.given)
    u = trial.rng("cotangent").standard_normal(output.shape).astype(trial.case.dtype)
    before = u.copy()
    pullback(u)
    return _changed({"cotangent": u, **mine}, {"cotangent": before, **inputs})


def _changed(arrays: Inputs, before: Inputs) -> str | None:
    pairs = ((name, array) for name, array in arrays.items() if array is not None)
    return next((name for name, array in pairs if not alike(array, before[name])), None)


def _failure(trial: Trial, what: str) -> Failure:
    culprit = (
        "backward writes to the upstream gradient"
        if what == "cotangent"
        else (f"the layer writes to {what}")
    )
    message = (
        f"{culprit}, which belongs to the caller and may be needed again: write a = a * b for "
        "a *= b, and copy before an assignment to entries"
    )
    return trial.failure("contract", what, message)
