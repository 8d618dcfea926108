"""Silent: an all-zero cotangent gives all-zero gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import beyond

if TYPE_CHECKING:
    from gradcheck.checks.structure._setting import Setting
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, setting: Setting) -> Iterator[Finding]:
    """Pull zeros back."""
    nothing = np.zeros_like(setting.output)
    gradients = setting.pullback(nothing)
    needless = beyond.needless(trial, setting.inputs, nothing, gradients)
    for name, gradient in gradients.items():
        if name in needless or (gradient.any() and np.any(gradient[np.isfinite(gradient)])):
            yield trial.failure(
                "structure", name,
                f"an all-zero cotangent gives a gradient for {name} that is not 0",
            )  # fmt: skip
            return
