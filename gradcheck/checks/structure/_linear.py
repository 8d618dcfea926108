"""Linear: the pullback of a sum of cotangents is the sum of their pullbacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.checks.structure._setting import Setting, most, slack

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


def check(
    trial: Trial, setting: Setting, first: Mapping[str, Array], second: Mapping[str, Array]
) -> Iterator[Finding]:
    """Hold the pullback of a sum of cotangents against the sum of their pullbacks."""
    for name, gradient in setting.of_sum.items():
        parts = first[name].astype(np.float64) + second[name]
        largest = most(trial, name, setting)
        allowed = slack(trial, name, largest, first[name], second[name], gradient)
        if np.any(np.abs(gradient - parts) > allowed):
            yield trial.failure(
                "structure", name,
                f"the gradient for {name} is not linear in the upstream gradient: "
                "backward(u1 + u2) differs from backward(u1) + backward(u2)",
            )  # fmt: skip
            return
