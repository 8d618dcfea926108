"""State: a backward called twice answers twice the same, and leaves its first answer alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcheck.checks.contract._call import Call, first_change
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Call the pullback again with the same cotangent: a cache that was written to shows."""
    try:
        again = call.pullback(call.cotangent)
    except Raised as raised:
        message = "backward, called a second time after one forward, raises"
        yield from trial.demand("", "no second pullback", message, str(raised))
        return
    changed = first_change(trial.first, again)
    if changed is not None:
        yield trial.failure(
            "contract", changed,
            f"backward, called twice after one forward with the same upstream gradient, changes "
            f"the gradient for {changed}: it writes to what its forward kept, or to state that "
            "outlives the call",
        )  # fmt: skip
