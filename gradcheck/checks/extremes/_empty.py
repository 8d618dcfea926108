"""Empty: a batch without samples has empty gradients, and parameters none to sum up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import guard
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Inputs
    from gradcheck.trial import Trial


def check(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Ask for the gradients of a batch without samples: empty ones, and zero for parameters."""
    batched = trial.spec.batched if trial.spec else ()
    if not batched:
        return
    none = {n: a[:0] if n in batched and a is not None else a for n, a in inputs.items()}
    try:
        output, pullback = guard.pull(trial.configured, none, None, hand=trial.hand)
        gradients = pullback(np.zeros_like(output))
    except (Raised, Violation) as reason:
        message = "a batch without samples, x of shape (0, ...), is refused"
        yield from trial.demand("", "zero-size batch", message, str(reason))
        return
    wrong = [n for n, g in gradients.items() if n not in batched and np.any(g != 0)]
    if len(output) or wrong:
        what = f"the gradient for {wrong[0]}" if wrong else "the output"
        message = f"{what} of a batch without samples is not that of nothing"
        yield from trial.demand(wrong[0] if wrong else "output", "zero-size batch", message)
