"""Turns: costly attacks are made on some of a layer's cases, chosen by each case's seed and size.

An attack whose turn never came in a run stands in its report among what was not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from gradcheck.trial import Trial

EVERY = 8
"""One case in so many is attacked at cost: a run of 200 cases makes each attack some 25 times."""


def due(trial: Trial, attack: str) -> bool:
    """Return whether this case's turn has come; a point that somebody handed over always has.

    So has a case that is replayed or shrunk, or what was found in it would come and go.
    """
    case = trial.case
    turn = (case.seed + case.size + crc32(attack.encode())) % EVERY
    trial.turns[attack] = trial.thorough or case.given is not None or turn == 0
    return trial.turns[attack]
