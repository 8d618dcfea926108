"""Dtypes: what comes back has the dtype of what went in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcheck.checks.contract._call import Call, called

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Name each array of another dtype than the inputs."""
    for name, array in call.results.items():
        if array.dtype != trial.case.dtype:
            yield from trial.demand(
                name, "dtype", f"{called(name)} is {array.dtype} where the inputs are "
                f"{trial.case.dtype}: a constant or a buffer changes the precision",
            )  # fmt: skip
