"""Scaling: a cotangent of another size gives gradients of another size, however small or large.

Powers of two multiply without rounding, so every honest backward keeps all of its digits: what
drops small numbers, clips large ones or rounds to some decimals does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds
from gradcheck.alike import alike
from gradcheck.checks.structure._setting import Setting, most, slack

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

SIZES: Mapping[str, tuple[int, ...]] = {"float64": (-40, 120), "float32": (-20, 60)}
"""Powers of two that the largest number turns to, of cotangent and gradients; in half none."""


def check(trial: Trial, setting: Setting, first: Mapping[str, Array]) -> Iterator[Finding]:
    """Hold the gradients of a scaled cotangent against the scaled gradients."""
    arrays = (setting.first, *first.values())
    largest = max(float(np.max(np.abs(array), initial=0.0)) for array in arrays)
    for size in SIZES.get(trial.case.dtype, ()):
        octaves = max(size - math.frexp(largest)[1], _fewest(setting.first))
        scaled = setting.pullback(np.ldexp(setting.first, octaves))
        for name, gradient in scaled.items():
            back = np.ldexp(gradient.astype(np.float64), -octaves)
            if alike(back, first[name]):
                continue
            allowed = slack(trial, name, most(trial, name, setting), back, first[name])
            allowed += setting.first.size * np.ldexp(bounds.smallest(trial.case.dtype), -octaves)
            if not np.all(np.abs(back - first[name]) <= allowed):
                yield trial.failure(
                    "structure", name,
                    f"an upstream gradient 2**{octaves} times as large does not make the gradient "
                    f"for {name} as many times as large: are small numbers dropped, large ones "
                    "clipped, or digits rounded away?",
                )  # fmt: skip
                return


def _fewest(cotangent: Array) -> int:
    """Return how far a cotangent may shrink: what turns denormal loses digits by itself."""
    sizes = np.abs(cotangent[cotangent != 0]).astype(np.float64)
    normal = math.frexp(bounds.smallest(str(cotangent.dtype)))[1]
    return normal - math.frexp(float(np.min(sizes, initial=1.0)))[1] + 1
