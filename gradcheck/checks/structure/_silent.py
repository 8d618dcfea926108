"""Silent: an all-zero cotangent gives all-zero gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.checks.structure._setting import Setting
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, setting: Setting) -> Iterator[Finding]:
    """Pull zeros back."""
    for name, gradient in setting.pullback(np.zeros_like(setting.output)).items():
        if np.any(gradient != 0):
            yield trial.failure(
                "structure", name,
                f"an all-zero cotangent gives a gradient for {name} that is not 0",
            )  # fmt: skip
            return
