"""Whole: a gradient entry by entry, by way of the whole Jacobian, where a line sees too little.

A line sums a gradient's entries, and with them their rounding. In small cases without an oracle
the Jacobian is had whole instead: columns that share no output are perturbed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck import jacobian
from gradcheck.ladder import COUNT
from gradcheck.pattern import TooLarge
from gradcheck.residual import Uncovered

if TYPE_CHECKING:
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

WORK = 30_000_000
"""Numbers that may be evaluated at most, if every entry of the input has a colour of its own."""


def gradient(trial: Trial, name: str, turn: int) -> tuple[Array, Array] | None:
    """Return the gradient from differences with its bars; None where it would cost too much.

    Parameters
    ----------
    trial : Trial
        The layer at its point.
    name : str
        The input.
    turn : int
        Directions are drawn anew for each turn.
    """
    reach, u = trial.point.reach[name], trial.cotangent.astype("float64")
    if (2 * COUNT + 2) * reach.size * (reach.size + u.size) > WORK:
        return None
    try:
        block = jacobian.at_point(trial, (name,), turn=turn).blocks[name]
    except (TooLarge, Uncovered):
        return None
    value, bar = block.pull(u)
    return value.reshape(reach.shape), bar.reshape(reach.shape)
