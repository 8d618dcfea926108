"""Bends: kinks and jumps of an element-wise layer, wherever they lie on the axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.bounds import Bound, function_error
from gradcheck.discrepancy import Discrepancy
from gradcheck.finding import Failure, Note

from ._sides import Sides

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.config import Config
    from gradcheck.layer import Array

Bend = tuple[float, float, float]
"""Where, and the derivatives from the left and from the right."""


ARM = 2.0**-6
"""Room on either side of a kink: enough to move in, and less than kinks lie apart."""


@dataclass(frozen=True)
class Bends:
    """The kinks of an element-wise layer.

    Data is drawn anywhere and moved off the kinks, for differences cannot see across one. A
    property of its own puts entries onto each kink.

    Attributes
    ----------
    at : callable
        From the config to the kinks.
    """

    at: Callable[[Config], tuple[Bend, ...]]

    def place(
        self, case: Case, name: str, span: int, rng: np.random.Generator
    ) -> tuple[Array, int]:
        """Draw integers anywhere."""
        return rng.integers(-(span // 2), span // 2, case.shape(name), endpoint=True), span // 4

    def clear(self, case: Case, x: Array) -> tuple[Array, Array]:
        """Move what lies within an arm of a kink by two arms; return how far the next one is."""
        places = [place for place, _, _ in self.at(case.config)]
        for place in places:
            away = np.where(x < place, -2 * ARM, 2 * ARM)
            x = np.where(np.abs(x - place) < ARM, x + away, x).astype(case.dtype)
        apart = np.abs(x.astype(np.float64)[..., None] - np.array(places))
        return x, apart.min(axis=-1, initial=np.inf)

    def check(self, trial: Any) -> Iterator[Failure | Note]:
        """Yield the first derivative on a kink outside the one-sided ones, or the convention."""
        rng = trial.rng("bends")
        for bend in self.at(trial.case.config):
            yield from _on(trial, bend, rng)


def _on(trial: Any, bend: Bend, rng: np.random.Generator) -> Iterator[Failure | Note]:
    place, left, right = bend
    x = rng.standard_normal(trial.case.shape("x")).astype(trial.case.dtype)
    on = rng.random(x.shape) < 0.5
    on.flat[int(rng.integers(x.size))] = True
    x[on] = place
    cotangent = (rng.choice([-1, 1], x.shape) * rng.integers(1, 9, x.shape)).astype(x.dtype)
    gradient = trial.pull({"x": x})[1](cotangent)["x"].astype(np.float64)
    sides = Sides(
        zero=x == place, left=left * cotangent, right=right * cotangent, gradient=gradient,
        rounding=lambda size: function_error(size, np.zeros_like(size), trial.case.dtype),
        slopes=(left, right),
    )  # fmt: skip
    index = sides.first_outside()
    if index is not None:
        yield _failure(trial, sides, index, place)
    elif (named := sides.nearest) is not None:
        yield Note(name=f"derivative at {place:g}", message=f"at x = {place:g}: {named}")


def _failure(trial: Any, sides: Sides, index: tuple[int, ...], place: float) -> Failure:
    low, high = sides.interval(index)
    got = float(sides.gradient[index])
    nearest = low if got < low else high
    slack = float(sides.rounding(np.abs(np.float64(nearest))))
    failure: Failure = trial.failure(
        "kink", "x",
        f"at the kink x = {place:g}, entry {index}, the gradient is {got:.9g}; the derivatives "
        f"from both sides allow {low:.9g} to {high:.9g}",
        Discrepancy(
            wrt="x", index=index, backward=got, differences=nearest, autograd=None,
            bound=Bound(slack, "rounding of one product with a one-sided derivative"),
        ),
    )  # fmt: skip
    return failure
