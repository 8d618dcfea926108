"""Both: what layer and oracle answer to the same inputs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial


def both(trial: Trial, given: Inputs) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    """Return output and gradients, the layer's and the oracle's."""
    output, pullback = trial.pull(given)
    mine = {"output": output, **pullback(trial.cotangent)}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        answer = trial.ask(given, trial.cotangent)
    assert answer is not None  # there is an oracle
    theirs = {"output": answer[0], **answer[1]}
    return {n: a for n, a in mine.items() if n in theirs}, theirs


def called(name: str) -> str:
    """Return what a report calls an array."""
    return "the output" if name == "output" else f"the gradient for {name}"
