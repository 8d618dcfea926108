"""Structure: what holds of every backward, with no reference to compare it with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcheck import turns
from gradcheck.checks.structure import _batch, _linear, _scaling, _silent
from gradcheck.checks.structure._setting import settle

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial) -> Iterator[Finding]:
    """Yield failures of linearity, of silence at zero, and of independence in the batch."""
    setting = settle(trial)
    yield from _silent.check(trial, setting)
    first = setting.pullback(setting.first)
    yield from _linear.check(trial, setting, first, setting.pullback(setting.second))
    if turns.due(trial, "sizes of the upstream gradient"):
        yield from _scaling.check(trial, setting, first)
    if trial.spec is not None and trial.spec.batched and setting.output.ndim:
        yield from _batch.check(trial, setting, first)
