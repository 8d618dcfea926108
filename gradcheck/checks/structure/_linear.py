"""Linear: the pullback of a sum of cotangents is the sum of their pullbacks.

Code that cancels within loses more digits than its results show, and is linear to what is left.
Below the scale of an element-wise layer that is the note that it is to every check. Elsewhere what
is finer than any buffer too coarse for the dtype would leave is doubted, not failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import beyond, bounds
from gradcheck.alike import alike
from gradcheck.checks.rounding import below_scale
from gradcheck.checks.structure._setting import Setting, beneath, most, slack
from gradcheck.finding import Doubt

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


def check(
    trial: Trial, setting: Setting, first: Mapping[str, Array], second: Mapping[str, Array]
) -> Iterator[Finding]:
    """Hold the pullback of a sum of cotangents against the sum of their pullbacks."""
    yield from _needless(trial, setting, first, second)
    for name, gradient in setting.of_sum.items():
        parts = first[name].astype(np.float64) + second[name]
        if alike(gradient, parts):
            continue
        largest = most(trial, name, setting)
        allowed = slack(trial, name, largest, first[name], second[name], gradient)
        with np.errstate(invalid="ignore"):
            apart = np.abs(gradient - parts)
        apart = np.where(np.isfinite(apart), apart, 0.0)  # an infinity was judged above
        if np.all(apart <= allowed):
            continue
        if np.all(apart <= allowed + beneath(trial, name, setting)):
            yield below_scale(f"the gradient for {name}")
            continue
        held = np.abs(parts[np.isfinite(parts)]).max(initial=0.0)
        coarse = bounds.coarse_buffer(trial.case.dtype) * float(held)
        if np.any(~(apart <= allowed + coarse)):
            yield trial.failure(
                "structure", name,
                f"the gradient for {name} is not linear in the upstream gradient: "
                "backward(u1 + u2) differs from backward(u1) + backward(u2)",
            )  # fmt: skip
            return
        yield Doubt(
            check="structure", wrt=name,
            reason=f"the gradient for {name} is linear in the upstream gradient to within "
            f"{float(apart.max()):.1e} only: are digits lost by cancellation?",
        )  # fmt: skip


def _needless(
    trial: Trial, setting: Setting, first: Mapping[str, Array], second: Mapping[str, Array]
) -> Iterator[Finding]:
    """Fail on an infinity where the dtype holds what is due; the others say nothing of a sum."""
    pulled = (
        (setting.first, first), (setting.second, second),
        (setting.first + setting.second, setting.of_sum),
    )  # fmt: skip
    for u, gradients in pulled:
        for name, wrong in beyond.needless(trial, setting.inputs, u, gradients).items():
            odd = gradients[name][wrong].flat[0]
            yield trial.failure(
                "structure", name,
                f"another upstream gradient makes the gradient for {name} {odd} where a number is "
                "due",
            )  # fmt: skip
            return
