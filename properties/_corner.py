"""Corner: where a window is 0 all over its p-norm has no derivative, and 0 is a right gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.finding import Failure, Note

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array


class Corner:
    """The corner of a norm, at 0, for powers above 1.

    Data stays off it: entries are at least a quarter of the span, and of either sign where the
    power is even; otherwise above 0, where every power and root exists.
    """

    def place(
        self, case: Case, name: str, span: int, rng: np.random.Generator
    ) -> tuple[Array, int]:
        """Draw integers away from 0."""
        size = rng.integers(span // 4, span // 2, case.shape(name), endpoint=True)
        signs = rng.choice([-1, 1], size.shape) if case.config["norm_type"] % 2 == 0 else 1
        return size * signs, span // 16

    def check(self, trial: Any) -> Iterator[Failure | Note]:
        """Yield what the backward makes of images that are 0 all over.

        The subgradients of a norm at 0 are the vectors whose dual norm is at most 1, so no entry
        that one window holds has more than that window's cotangent.
        """
        if trial.case.config["norm_type"] <= 1:
            return
        x = np.zeros(trial.case.shape("x"), trial.case.dtype)
        _, pullback = trial.pull({"x": x})
        gradient = pullback(trial.cotangent)["x"]
        if not np.all(np.isfinite(gradient)):
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(gradient))[0])
            message = f"where x is 0 all over, entry {index} of its gradient is {gradient[index]}"
            yield trial.failure("kinks", "x", f"{message}, and torch has 0 there")
        elif not gradient.any():
            yield Note(name="convention", message="at a window of zeros: 0 (same as torch)")
