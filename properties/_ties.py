"""Ties: where a maximum is not differentiable, and which gradients are right there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.bounds import reduction
from gradcheck.finding import Failure, Note

from ._tied import Window

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array

OUTPUTS = 16
"""Outputs of one case whose cotangent is pulled back by itself."""

FLAT = 0.25
"""Share of the planes that are one value all over."""

SHARED = (
    "at ties, windows that overlap do not add up: their cotangents together give another gradient "
    "than the sum of what each gives alone"
)

CONVENTIONS = {
    "first": "ties in a window: the first maximum gets the gradient (same as torch)",
    "last": "ties in a window: the last maximum gets the gradient "
    "(a valid convention, other than torch's)",
    "split": "ties in a window: the maxima share the gradient equally "
    "(a valid convention, other than torch's)",
    "other": "ties in a window: the maxima share the gradient by no simple rule "
    "(a valid convention, other than torch's)",
}


@dataclass(frozen=True)
class Ties:
    """Kinks of a maximum over windows of the planes of ``x``: its images, channel by channel.

    Attributes
    ----------
    windows : callable
        From a case to an integer array (windows, entries of one): flat indices into a plane,
        -1 where a window sticks out of it.
    """

    windows: Callable[[Case], Array]

    def place(
        self, case: Case, name: str, span: int, rng: np.random.Generator
    ) -> tuple[Array, int]:
        """Draw integers no two of which, in one plane, are within four times the reach.

        Each plane is a random order of slots; the entry lies in its slot, off both ends by twice
        the reach. Slots fill the span, for data ``"negative"`` the half below 0.
        """
        shape = case.shape(name)
        planes, entries = prod(shape[:2]), prod(shape[2:])
        slot = (span if case.data == "negative" else 2 * span) // entries
        reach = 3 * slot // 16
        order = rng.permuted(np.tile(np.arange(entries), (planes, 1)), axis=1)
        if case.data == "overlap":
            self._share_the_maximum(case, order)
        jitter = rng.integers(0, max(slot - 4 * reach, 1), order.shape)
        return (order * slot - span + 2 * reach + jitter).reshape(shape), reach

    def check(self, trial: Any) -> Iterator[Failure | Note]:
        """Yield the first invalid gradient of a tied window, or the convention seen."""
        case, rng = trial.case, trial.rng("ties")
        x = _tied(case, rng)
        output, pullback = trial.pull(trial.lattice_inputs(x))
        shape, planes = output.shape, x.reshape(-1, prod(x.shape[2:]))
        indices, seen = self.windows(case), set[str]()
        together, parts = np.zeros(output.size, output.dtype), np.zeros(planes.shape)
        for place in rng.permutation(output.size)[:OUTPUTS].tolist():
            plane, number = divmod(place, len(indices))
            cotangent = np.zeros(output.size, output.dtype)
            cotangent[place] = rng.integers(1, 9, endpoint=True)
            gradient = pullback(cotangent.reshape(shape))["x"].astype(np.float64)
            window = Window(planes[plane], indices[number], float(cotangent[place]), case.dtype)
            wrong = window.wrong(gradient.reshape(planes.shape), plane)
            if wrong:
                at = tuple(int(i) for i in np.unravel_index(place, shape))
                yield trial.failure("ties", "x", f"at ties, output {at}: {wrong}")
                return
            together, parts = together + cotangent, parts + gradient.reshape(planes.shape)
            if len(window.maxima) > 1:
                seen.add(window.convention(gradient.reshape(planes.shape)[plane]))
        gradient = pullback(together.reshape(shape))["x"].astype(np.float64)
        apart = np.abs(gradient.reshape(planes.shape) - parts)
        if not np.all(apart <= reduction(OUTPUTS, 1, case.dtype, sides=2) * parts):
            yield trial.failure("ties", "x", SHARED)
            return
        if seen:
            name = seen.pop() if len(seen) == 1 else "other"
            yield Note(name="tie convention", message=CONVENTIONS[name])

    def _share_the_maximum(self, case: Case, order: Array) -> None:
        """Swap each plane's maximum to an entry that the most windows hold."""
        inside = self.windows(case)
        covered = np.bincount(inside[inside >= 0], minlength=order.shape[1])
        wanted = int(np.argmax(covered))
        for plane in order:
            top = int(np.argmax(plane))
            plane[top], plane[wanted] = plane[wanted], plane[top]


def _tied(case: Case, rng: np.random.Generator) -> Array:
    """Draw small integers that tie often, in some planes all of them."""
    shape = case.shape("x")
    planes = shape[:2] + (1,) * len(shape[2:])
    spread = np.where(rng.random(planes) < FLAT, 1, 3)
    offset = 4 if case.data == "negative" else int(rng.integers(0, 3))
    return rng.integers(0, spread, shape) - offset
