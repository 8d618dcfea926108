"""Arbitration: where backward and autograd disagree in float64, differences of the forward decide.

An oracle is trusted, not infallible: some of torch's own backwards round a constant to float32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck.checks import certified
from gradcheck.finding import Note

if TYPE_CHECKING:
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

ASKED = 8
"""Entries that differences are asked about: those that disagree most."""


def sides_with_backward(
    trial: Trial, name: str, mine: Array, theirs: Array, allowed: Array
) -> bool:
    """Return whether differences confirm the backward and contradict the oracle.

    They do if they say so of every entry asked about; one entry that they leave open decides
    against the backward.

    Parameters
    ----------
    trial : Trial
        The layer at its point.
    name : str
        The input that the gradient is with respect to; of an output nothing is said.
    mine, theirs : Array
        The backward's gradient and the oracle's.
    allowed : Array
        How far apart they may be.
    """
    if name == "output" or trial.case.dtype != "float64":
        return False
    apart = np.abs(mine - theirs)
    if not (apart > allowed).any():
        return False
    disputed = np.flatnonzero(apart > allowed)
    worst = disputed[np.argsort(-apart.flat[disputed])[:ASKED]]
    places = [tuple(int(i) for i in np.unravel_index(flat, apart.shape)) for flat in worst]
    return all(_confirmed(trial, name, mine, theirs, place) for place in places)


def _confirmed(trial: Trial, name: str, mine: Array, theirs: Array, place: tuple[int, ...]) -> bool:
    value, bar = certified.entry(trial, name, place)
    return bool(abs(mine[place] - value) <= bar < abs(theirs[place] - value))


def note(name: str) -> Note:
    """Return what is said of a gradient that autograd alone contradicts."""
    message = f"differences of the forward side with the gradient for {name} against autograd"
    return Note(name="autograd", message=message)
