"""Turns: costly attacks are made on some of a layer's cases, chosen by each case's own seed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from gradcheck.trial import Trial

EVERY = 8
"""One case in so many is attacked at cost: a run of 200 cases makes each attack some 25 times."""


def due(trial: Trial, attack: str) -> bool:
    """Return whether this case's turn has come; a point that somebody handed over always has."""
    turn = (trial.case.seed - crc32(attack.encode())) % EVERY
    return trial.case.given is not None or turn == 0
