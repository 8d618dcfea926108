"""Aliasing: a gradient that its owner may write to, with nothing else changing.

A view of the cotangent is right: flatten and identity give one, and an optimiser reads it. A view
of an input, of another gradient or of what the forward kept is not: adding to it in place, as
accumulating gradients does, changes a weight, another gradient, or the next backward.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.checks.contract._call import Call, first_change
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Tell which gradients share memory with an input or with another gradient."""
    arrays = {n: a for n, a in call.inputs.items() if a is not None}
    for name, gradient in call.gradients.items():
        others = {f"the gradient for {n}": g for n, g in call.gradients.items() if n > name}
        for other, array in {**arrays, **others}.items():
            if np.shares_memory(gradient, array):
                yield from trial.demand(
                    name, "aliasing", f"the gradient for {name} shares memory with {other}: "
                    "adding to one in place changes the other; return a copy",
                )  # fmt: skip


def written(trial: Trial, call: Call) -> Iterator[Finding]:
    """Write to the gradients and ask for them again: what the forward kept must not be in them."""
    before = call.kept()
    _, pullback = trial.pull(call.inputs)
    for gradient in pullback(call.cotangent).values():
        if gradient.flags.writeable:
            gradient += 1
    try:
        changed = first_change(before, pullback(call.cotangent))
    except Raised:
        return  # no second pullback: a note of its own
    if changed is not None:
        yield from trial.demand(
            changed, "aliasing", f"adding to the gradient for {changed} in place changes what the "
            "next backward gives: it shares memory with what the forward kept",
        )  # fmt: skip
