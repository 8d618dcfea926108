"""Verdict: the four answers, and how answers combine."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Verdict(Enum):
    """What the evidence says."""

    PASS = "PASS"
    """The evidence would have shown an error, and showed none."""
    FAIL = "FAIL"
    """A counterexample is in hand."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """The evidence is too weak to say, and the report says why."""
    ERROR = "ERROR"
    """The layer or the spec raised."""

    def __str__(self) -> str:
        return self.value


EXIT_CODES = {Verdict.FAIL: 1, Verdict.ERROR: 4, Verdict.INCONCLUSIVE: 3, Verdict.PASS: 0}
"""Exit code of each verdict, in order of precedence."""

USAGE = 2
NOTHING_CHECKED = 5
INTERRUPTED = 130


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that decides; nothing checked is not a pass.

    >>> worst([Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL])
    <Verdict.FAIL: 'FAIL'>
    >>> worst([])
    <Verdict.INCONCLUSIVE: 'INCONCLUSIVE'>
    """
    seen = set(verdicts)
    return next((verdict for verdict in EXIT_CODES if verdict in seen), Verdict.INCONCLUSIVE)
