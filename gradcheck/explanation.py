"""Explanation: one case of one layer, looked at whole.

The Jacobian with respect to each input from differences of the forward, beside the one that the
backward claims: how many entries, how many of them wrong, and which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import jacobian, rows
from gradcheck.bounds import Bound, scale_error
from gradcheck.discrepancy import Discrepancy
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.pattern import TooLarge
from gradcheck.residual import Uncovered
from gradcheck.trial import Trial
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array
    from gradcheck.rows import Row

SHOWN = 5
"""Wrong entries that are named, for each input."""


@dataclass(frozen=True, kw_only=True)
class View:
    """The Jacobian with respect to one input, both sides.

    Attributes
    ----------
    wrt : str
        The input.
    shape : tuple of int
        Entries of the output, entries of the input.
    nonzeros : int
        Entries that may differ from zero.
    source : str
        Where the pattern is from: ``"geometry"`` or ``"probing"``.
    bar : float
        The widest error bar of an entry.
    wrong : int
        Entries of gradients, one for each row pulled back, that the backward has wrong.
    entries : tuple of Discrepancy
        The first of them.
    """

    wrt: str
    shape: tuple[int, int]
    nonzeros: int
    source: str
    bar: float
    wrong: int
    entries: tuple[Discrepancy, ...]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What is to be said of one case.

    Attributes
    ----------
    outcome : Outcome
        What the checks say.
    facts : tuple of pairs of str
        What the spec knows of the config: its arithmetic.
    views : tuple of View
        The Jacobians.
    unseen : str
        Why there is none, where there is none.
    """

    outcome: Outcome
    facts: tuple[tuple[str, str], ...] = ()
    views: tuple[View, ...] = ()
    unseen: str = ""


def explain(subject: Subject, case: Case) -> Explanation:
    """Check one case and look at its Jacobian whole.

    Parameters
    ----------
    subject : Subject
        Layer, spec, oracle.
    case : Case
        The case.
    """
    spec = subject.spec
    facts = tuple(spec.facts(case)) if spec and spec.facts else ()
    outcome = examine(subject, case, explain=True)
    try:
        trial = Trial(subject.layer, case, spec=spec, oracle=subject.oracle)
        views = tuple(_view(trial, name) for name in trial.inputs)
    except (TooLarge, Uncovered, Violation, Raised) as reason:
        return Explanation(outcome=outcome, facts=facts, unseen=str(reason))
    return Explanation(outcome=outcome, facts=facts, views=views)


def _view(trial: Trial, name: str) -> View:
    whole = jacobian.at_point(trial, (name,))
    block, pull = whole.blocks[name], trial.pull(whole.inputs)[1]
    u = np.where(trial.cotangent == 0, 1, trial.cotangent).astype(trial.case.dtype)
    wrong = [(row, column) for row in rows.pulled(whole, pull, u) for column in _off(trial, row)]
    worst = sorted(wrong, key=lambda place: (place[0].rows.min(initial=0), place[1]))
    return View(
        wrt=name, shape=block.pattern.shape, nonzeros=int(np.count_nonzero(block.values)),
        source=block.pattern.source, bar=block.widest, wrong=len(wrong),
        entries=tuple(islice(_entries(trial, whole, pull, worst), SHOWN)),
    )  # fmt: skip


def _off(trial: Trial, row: Row) -> Array:
    """Return the columns in which the backward leaves the bar and what the layer may round."""
    size = float(np.max(np.abs(row.differences), initial=0.0))
    slack = row.bar + scale_error(size, trial.case.dtype)
    return np.flatnonzero(~(np.abs(row.backward - row.differences) <= slack))


def _entries(
    trial: Trial, whole: jacobian.Jacobian, pull: rows.Pull, wrong: list[tuple[Row, int]]
) -> Iterator[Discrepancy]:
    for row, column in wrong:
        output, said, true = rows.guilty(whole, pull, row, int(column))
        array = trial.point.inputs[row.name]
        assert array is not None  # it was differentiated
        yield Discrepancy(
            wrt=row.name, index=_index(int(column), array.shape), backward=said,
            differences=true, autograd=_autograd(trial, row.name, output, int(column)),
            output=_index(output, trial.cotangent.shape),
            bound=Bound(whole.blocks[row.name].widest, "error bar of the differences"),
        )  # fmt: skip


def _autograd(trial: Trial, name: str, output: int, column: int) -> float | None:
    one = np.zeros(trial.cotangent.shape)
    one.flat[output] = 1.0
    answer = trial.ask(trial.point.inputs, one)
    return None if answer is None else float(answer[1][name].flat[column])


def _index(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape))
