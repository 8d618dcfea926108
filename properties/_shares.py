"""Shares: inputs that lie between 0 and 1, as probabilities do, well off both ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.points import UNIT

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array

ROOM = 4
"""Log2 of the room that is left at either end, as a part of the interval."""


@dataclass(frozen=True)
class Shares:
    """Where a loss of probabilities is defined.

    Attributes
    ----------
    inputs : tuple of str
        The inputs that are probabilities; the others lie anywhere.
    """

    inputs: tuple[str, ...]

    def place(
        self, case: Case, name: str, span: int, rng: np.random.Generator
    ) -> tuple[Array, int]:
        """Draw integers; ``span`` of them make up ``2**UNIT``."""
        shape = case.shape(name)
        if name not in self.inputs:
            return rng.integers(-(span // 2), span // 2, shape, endpoint=True), span // 4
        one = span >> UNIT
        room = one >> ROOM
        return rng.integers(room, one - room, shape, endpoint=True), room // 2 - 1

    def check(self, trial: Any) -> Iterator[Any]:
        """Find nothing: between its ends a loss of probabilities has no kink."""
        yield from ()
