"""Turns: costly attacks are made on some of a layer's cases, chosen by each case's own seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.trial import Trial

EVERY = 8
"""One case in so many is attacked at cost: a run of 200 cases makes each attack some 25 times."""


def due(trial: Trial, attack: str) -> bool:
    """Return whether this case's turn has come; a point that somebody handed over always has."""
    return trial.case.given is not None or not trial.rng(attack).integers(EVERY)
