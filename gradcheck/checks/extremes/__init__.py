"""Extremes: no sample at all, integers, NaN and infinity, the largest and the smallest numbers.

A stranger's layer that does not handle one of them gets a note; the layers that a project calls its
own have to. What is right is what the oracle does, in its own precision: where its answer fits the
dtype of the layer, the layer's has to be a number as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from gradcheck import turns
from gradcheck.checks.extremes import _empty, _integers, _nonfinite, _sizes

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Inputs
    from gradcheck.trial import Trial

Attack: TypeAlias = "Callable[[Trial, Inputs], Iterator[Finding]]"

ALONE: Mapping[str, Attack] = {
    "zero-size batch": _empty.check,
    "integer input": _integers.check,
}
"""What needs nobody to say what is right."""

BESIDE_THE_ORACLE: Mapping[str, Attack] = {
    "nan in the input": partial(_nonfinite.check, value=float("nan")),
    "inf in the input": partial(_nonfinite.check, value=float("inf")),
    "-inf in the input": partial(_nonfinite.check, value=float("-inf")),
    "huge numbers": _sizes.huge,
    "tiny numbers": _sizes.tiny,
}
"""What is held against the oracle's answer."""


def check(trial: Trial) -> Iterator[Finding]:
    """Take the inputs of some cases to extremes, each in its turn."""
    inputs = {name: trial.point.inputs.get(name) for name in trial.layer.inputs}
    if inputs.get("x") is None:
        return
    for name, attack in {**ALONE, **(BESIDE_THE_ORACLE if trial.has_oracle else {})}.items():
        if turns.due(trial, name):
            yield from attack(trial, inputs)
