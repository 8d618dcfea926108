"""Kinks: on the points where a layer is not differentiable, its gradient must be admissible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial) -> Iterator[Finding]:
    """Let the spec's kinks judge; a spec without kinks has nothing to say."""
    if trial.spec is not None and trial.spec.kinks is not None:
        yield from trial.spec.kinks.check(trial)
