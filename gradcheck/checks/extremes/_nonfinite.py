"""Nonfinite: NaN and infinity in the input come out where they come out of the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.checks.extremes._both import both, called
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Inputs
    from gradcheck.trial import Trial


def check(trial: Trial, inputs: Inputs, *, value: float) -> Iterator[Finding]:
    """Put NaN or an infinity into one entry: it has to come out where the oracle's does.

    But for that entry's own gradient: torch's vectorised and scalar loops differ about it.
    """
    x = inputs["x"]
    assert x is not None  # present, as asked before
    spoilt = x.copy()
    place = int(trial.rng("odd").integers(x.size))
    spoilt.flat[place] = value
    given = {**inputs, "x": spoilt}
    try:
        mine, theirs = both(trial, given)
    except Raised as raised:
        if raised.where == "oracle":
            raise
        message = f"{value} in x is refused, the oracle takes it"
        yield from trial.demand("", f"{value} in the input", message, str(raised))
        return
    for name, array in mine.items():
        same = np.isfinite(array) == np.isfinite(theirs[name])
        if name == "x":
            same.flat[place] = True
        if not np.all(same):
            index = tuple(int(i) for i in np.argwhere(~same)[0])
            yield from trial.demand(
                name, f"{value} in the input",
                f"{value} in x comes out of {called(name)} elsewhere than out of the oracle",
                f"{list(index)} is {array[index]} and not {theirs[name][index]}",
            )  # fmt: skip
            return
