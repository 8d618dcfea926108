"""Causes: what a wrong gradient looks like, told from the gradient that something else would have.

A hypothesis is an array and a sentence: the true gradient spoilt in one way, computed from
differences of the forward, so that no backward has a say in it. The one that the wrong gradient
equals, entry by entry and within the bars, is its cause; where none fits, none is named. A small
case may fit several, and then all are said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from gradcheck.causes import _config, _contributions, _cotangent, _entry, _gradient, _inputs
from gradcheck.causes._scene import Scene, Unseen, scenes
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.finding import Failure
    from gradcheck.trial import Trial

VALUES = ("differences", "oracle", "structure")
"""Checks whose failures are wrong numbers."""

FAMILIES = (_gradient, _cotangent, _contributions, _inputs, _config)
"""In this order: what is cheap and plain first."""

SEVERAL = 3
"""Causes named where a small case cannot tell them apart."""


def explained(trial: Trial, failure: Failure) -> Failure:
    """Return the failure with the causes that fit and its worst entry of the Jacobian."""
    for scene in _wrong(trial, failure):
        fitting = list(islice(_fitting(scene), SEVERAL))
        cause = f"d{scene.name}: {', or '.join(fitting)}" if fitting else None
        return replace(failure, cause=cause, jacobian=_entry.worst(scene))
    return failure


def candidates(trial: Trial, failure: Failure) -> list[str] | None:
    """Return every cause that fits the gradient that a failure names, or None if it is not wrong.

    At the trial's point, that is: a gradient may be wrong at one and right at another.
    """
    for scene in _wrong(trial, failure):
        return [f"d{scene.name}: {cause}" for cause in _fitting(scene)]
    return None


def _wrong(trial: Trial, failure: Failure) -> Iterator[Scene]:
    """Yield the gradient that is wrong at the trial's point, if it can be seen to be."""
    if failure.check not in VALUES or failure.wrt == "output":
        return
    try:
        for scene in scenes(trial, failure.wrt):
            if not scene.fits(*scene.truth()):
                yield scene
                return
    except (Unseen, Violation, Raised):
        return


def _fitting(scene: Scene) -> Iterator[str]:
    for family in FAMILIES:
        try:
            for hypothesis in family.hypotheses(scene):
                if scene.fits(hypothesis.gradient, hypothesis.slack):
                    yield hypothesis.text
        except Unseen:
            continue  # this family asks for a Jacobian that cannot be had
