"""Warned: what the layer prints to a user who has not silenced NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcheck.heard import warned

if TYPE_CHECKING:
    from gradcheck.checks.contract._call import Call
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Listen to the layer at the case's point."""
    for message in warned(trial, call.inputs)[:1]:
        yield from trial.demand("", "warning", f"a warning escapes: {message}")
