"""Heard: what a layer prints to a user who has not silenced NumPy."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Inputs
    from gradcheck.trial import Trial


def warned(trial: Trial, inputs: Inputs) -> list[str]:
    """Call the layer unguarded, which the guard would silence, and return its warnings.

    Each begins with the place that it comes from.
    """
    arrays = {n: None if a is None else trial.hand(a) for n, a in inputs.items()}
    said = []
    with warnings.catch_warnings(record=True) as heard, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        _, pullback = trial.configured.pull(**arrays)
        said += [f"{w.message} (in forward)" for w in heard]
        heard.clear()
        pullback(trial.hand(trial.cotangent))
        said += [f"{w.message} (in backward)" for w in heard]
    return said
