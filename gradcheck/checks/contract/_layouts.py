"""Layouts: equal numbers in Fortran order, backwards or with gaps give equal gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.checks.contract import _moved

if TYPE_CHECKING:
    from gradcheck.checks.contract._call import Call
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

LAYOUTS: Mapping[str, Callable[[Array], Array]] = {
    "Fortran order": lambda a: np.array(a, order="F"),  # asfortranarray adds an axis to none
    "negative strides": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
    "gaps between entries": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
}
"""The same numbers, elsewhere in memory."""


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Lay inputs and cotangent out anew, in one way; a point of the caller's in every way.

    The cotangent never has the layout of the inputs: a backward that reads one with the strides of
    the other would be right by chance.
    """
    labels = [str(name) for name in trial.rng("layout").permutation(list(LAYOUTS))]
    for turn in range(len(labels) if trial.case.given is not None else 1):
        yield from _laid(trial, call, labels[turn - 1], labels[turn])


def _laid(trial: Trial, call: Call, label: str, other: str) -> Iterator[Finding]:
    lay, lay_cotangent = LAYOUTS[label], LAYOUTS[other]
    where = (
        f"the same numbers laid out otherwise in memory (inputs in {label}, the upstream gradient "
        f"in {other})"
    )
    for plain in filter(None, [(call.inputs, call.cotangent), _moved.integers(trial, call)]):
        inputs, cotangent = plain
        laid = {n: None if a is None else lay(a) for n, a in inputs.items()}
        yield from _moved.compare(trial, where, plain, (laid, lay_cotangent(cotangent)))
