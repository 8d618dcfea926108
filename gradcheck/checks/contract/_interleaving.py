"""Interleaving: two forwards, then both backwards, each with what its own forward kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcheck.checks.contract._call import Call, called, first_change
from gradcheck.floats import is_float
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

STATE = (
    "what backward needs is kept where the next call overwrites it (on the object, in a global, in "
    "a buffer): keep it in the cache that forward returns, or return a copy"
)


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Run the two in parallel, and hold each against itself alone.

    The first forward's backward comes first, which what keeps one cache or a stack of them gets
    wrong; what came back from it must outlive the second.
    """
    others = {n: None if a is None else _other(a) for n, a in call.inputs.items()}
    before, alone = call.kept(), Call.of(trial, others, -call.cotangent).kept()
    try:
        output, first = trial.pull(call.inputs)
        between, second = trial.pull(others)
        mine = {"output": output, **first(call.cotangent)}
        changed = first_change(before, mine)
        theirs = {"output": between, **second(-call.cotangent)}
    except Raised as raised:
        message = "the backwards of two forwards, one after the other, raise"
        yield from trial.demand("", "interleaved forwards", message, str(raised))
        return
    stories = {
        "another forward before the backward changes": changed,
        "a forward and a backward in between change": first_change(alone, theirs),
        "a later backward writes to": first_change(before, mine),
        "a later call of the layer writes to": first_change(before, call.results),
    }
    for story, name in stories.items():
        if name is not None:
            yield trial.failure("contract", name, f"{story} {called(name)}: {STATE}")
            return


def _other(array: Array) -> Array:
    """Return other numbers of the same kind: reversed, and floats halved, with their signs."""
    turned = array[..., ::-1] if array.ndim else array
    return turned / 2 if is_float(array.dtype) else turned.copy()
