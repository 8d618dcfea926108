"""Linear: the pullback of a sum of cotangents is the sum of their pullbacks.

Code that cancels within loses more digits than its results show, and is linear to what is left.
Where that is finer than any buffer too coarse for the dtype would leave, it is doubted, not failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds
from gradcheck.checks.structure._setting import Setting, most, slack
from gradcheck.finding import Doubt

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
        apart = np.abs(gradient - parts)
        if np.all(apart <= allowed):
            continue
        coarse = bounds.coarse_buffer(trial.case.dtype) * float(np.abs(parts).max(initial=0.0))
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
