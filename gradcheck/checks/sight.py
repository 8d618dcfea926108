"""Sight: what differences see of a gradient, beside what the backward says of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array


@dataclass(frozen=True)
class Sight:
    """What differences say of the gradient's entries, or of sums of them along tangents.

    ``backward`` and ``value`` are the backward's and the differences' numbers; careful code keeps
    within ``tight``, any honest code within ``bar``; ``autograd`` the oracle's; ``weight`` scales
    them back to entries of the gradient.
    """

    backward: Array
    value: Array
    tight: Array
    bar: Array
    autograd: Array | None
    weight: float
    entries: bool

    @cached_property
    def apart(self) -> Array:
        """How far the backward lies from the differences."""
        apart: Array = np.abs(self.backward - self.value)
        return apart

    @cached_property
    def kept(self) -> Array:
        """The bars that the numbers keep to: the tight ones where all do."""
        return self.tight if (self.apart <= self.tight).all() else self.bar

    @cached_property
    def outside(self) -> Array:
        """Where the backward lies outside the bar of the differences."""
        outside: Array = self.apart > self.bar
        return outside
