"""Repeated: the same inputs again; a layer that answers otherwise is no function of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcheck.alike import alike
from gradcheck.checks.contract._call import called
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.finding import Failure
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

TIMES = 12
"""Calls: a mask of one entry, drawn anew, is the same in all of them once in two thousand times."""

ADVICE = (
    "It draws random numbers of its own (numpy.random.default_rng(), os.urandom, the time), or "
    "keeps state. The global generators of numpy.random, random and torch are seeded before each "
    "call: draw from these, or hand a mask or a generator over as an argument"
)


def failure(trial: Trial) -> Failure | None:
    """Return the failure of a layer that is not the same twice, or None."""
    for wrt, arrays in (("output", _outputs(trial)), *_gradients(trial)):
        first = next(arrays, None)
        if first is not None and not all(alike(first, again) for again in arrays):
            message = f"{called(wrt)} differs when the same inputs come again, so nothing can be"
            told = f"the layer is not deterministic: {message} judged. {ADVICE}"
            return trial.failure("contract", wrt, told)
    return None


def _outputs(trial: Trial) -> Iterator[Array]:
    for _ in range(TIMES):
        try:
            yield trial.pull(trial.point.inputs)[0].copy()
        except (Raised, Violation):  # told elsewhere
            return


def _gradients(trial: Trial) -> Iterator[tuple[str, Iterator[Array]]]:
    for name in trial.inputs:
        yield name, _gradient(trial, name)


def _gradient(trial: Trial, name: str) -> Iterator[Array]:
    for _ in range(TIMES):
        try:
            yield trial.pull(trial.point.inputs)[1](trial.cotangent)[name].copy()
        except (Raised, Violation):
            return
