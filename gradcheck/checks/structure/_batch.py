"""Batch: samples do not talk to one another, and parameter gradients add over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import guard
from gradcheck.alike import alike
from gradcheck.checks.rounding import below_scale
from gradcheck.checks.structure._setting import Setting, beneath, most, slack
from gradcheck.finding import Note
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


def check(trial: Trial, setting: Setting, gradients: Mapping[str, Array]) -> Iterator[Finding]:
    """Hold each sample alone against the batch, and parameter gradients against their sum."""
    assert trial.spec is not None  # asked before
    if len(setting.output) < 2:
        return
    batched, output = trial.spec.batched, setting.output
    sums = {n: np.zeros(g.shape, np.float64) for n, g in gradients.items() if n not in batched}
    sizes = {n: np.zeros(g.shape, np.float64) for n, g in sums.items()}
    for row in range(output.shape[0]):
        one = slice(row, row + 1)
        alone = {n: a[one] if n in batched and a is not None else a
                 for n, a in setting.inputs.items()}  # fmt: skip
        try:
            y, pullback = guard.pull(trial.configured, alone, None, hand=trial.hand)
        except Raised as raised:
            if not raised.refused:
                raise
            yield Note(name="batch = 1", message=f"one sample alone is refused: {raised}")
            return
        found = pullback(setting.first[one])
        yield from _differs(trial, setting, "output", y, output[one])
        for name, gradient in found.items():
            if name in batched:
                yield from _differs(trial, setting, name, gradient, gradients[name][one])
            else:
                sums[name] += gradient
                sizes[name] += np.abs(gradient)
    for name, total in sums.items():
        if alike(total, gradients[name]):
            continue
        allowed = slack(trial, name, most(trial, name, setting), sizes[name] * output.shape[0])
        if np.any(np.abs(total - gradients[name]) > allowed):
            yield trial.failure(
                "structure", name,
                f"the gradient for {name} is not the sum of what each sample gives alone",
            )  # fmt: skip


def _differs(
    trial: Trial, setting: Setting, name: str, alone: Array, together: Array
) -> Iterator[Finding]:
    if alike(alone, together):
        return
    allowed = slack(trial, name, most(trial, name, setting), alone, together)
    what = "the output" if name == "output" else f"the gradient for {name}"
    if alone.shape == together.shape and np.all(np.abs(alone - together) <= allowed):
        return
    allowed = allowed + beneath(trial, name, setting)
    if alone.shape == together.shape and np.all(np.abs(alone - together) <= allowed):
        yield below_scale(what)
    else:
        yield trial.failure(
            "structure", name,
            f"{what} of a sample changes with the other samples of its batch",
        )  # fmt: skip
