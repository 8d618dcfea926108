"""Telling: which cases show the cause of a failure best.

The smallest failing case is the one to read, and the worst to tell a cause from: with one pixel a
kernel that is not rotated, a transposed gradient and a right one look alike. So larger cases that
fail are drawn, and most of those in which the same gradient is wrong must agree on the cause.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import islice
from math import prod
from typing import TYPE_CHECKING

from gradcheck import causes
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.generation import sweep
from gradcheck.profiles import PROFILES
from gradcheck.trial import Trial
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.case import Case
    from gradcheck.finding import Failure

CASES = 24
"""Cases drawn in search of telling ones."""

JURY = 3
"""Telling cases, the largest that fail in the gradient; more than half of them must agree."""

LOOKED = 8
"""Failing cases, the largest, among which they are looked for."""

ENTRIES = 1000
"""Most entries of a telling case: its Jacobian is looked at whole, several times."""


def explained(
    subject: Subject, smallest: Outcome, strategy: SearchStrategy[Case], seed: int
) -> Outcome:
    """Return the outcome with the cause that larger cases of the same failure agree on."""
    failure = smallest.failure
    if failure is None:
        return smallest
    jury = _jury(subject, failure, strategy, seed)
    votes = Counter(cause for told in jury for cause in told)
    if not jury:
        return smallest
    cause, count = max(votes.items(), key=lambda vote: vote[1], default=(None, 0))
    agreed = cause if 2 * count > len(jury) else None
    return replace(smallest, failure=replace(failure, cause=agreed))


def _jury(
    subject: Subject, failure: Failure, strategy: SearchStrategy[Case], seed: int
) -> list[list[str]]:
    """Return what fits the gradient in each of the largest cases in which it is wrong."""
    failing: list[Case] = []

    def note(case: Case) -> Outcome:
        if case.size <= ENTRIES and case.dtype == "float64" and examine(subject, case).failure:
            failing.append(case)
        return Outcome(case=case, verdict=Verdict.PASS)

    sweep(strategy, note, examples=CASES, seed=seed, profile=PROFILES["ci"])
    largest = sorted(failing, key=partial(_rank, failure.wrt), reverse=True)[:LOOKED]
    trials = (Trial(subject.layer, case, spec=subject.spec) for case in largest)
    looked = (causes.candidates(trial, failure) for trial in trials)
    return list(islice((told for told in looked if told is not None), JURY))


def _rank(wrt: str, case: Case) -> tuple[int, int]:
    """Order cases by the smaller side of the Jacobian: a few cotangents tell as little as one."""
    output, shape = prod(case.shapes.get("output") or ()), case.shapes.get(wrt)
    return min(case.size if shape is None else prod(shape), output), case.size


def chosen(subject: Subject, strategy: SearchStrategy[Case], seed: int) -> Case:
    """Return the smallest case that fails, or the largest drawn within the budget."""
    drawn: list[Case] = []

    def note(case: Case) -> Outcome:
        if case.size <= ENTRIES:
            drawn.append(case)
        return examine(subject, case)

    _, failing = sweep(strategy, note, examples=CASES, seed=seed, profile=PROFILES["ci"])
    return failing or max(drawn, key=lambda case: (case.dtype == "float64", case.size))
