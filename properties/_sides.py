"""Sides: a gradient on a kink, between what the derivatives from both sides make of a cotangent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array

SIMPLE = 8
"""Largest denominator of a derivative that is written as a fraction."""

VALID = "(a valid convention, other than torch's)"


@dataclass(frozen=True)
class Sides:
    """Entry by entry; only entries on the kink count.

    Attributes
    ----------
    zero : Array
        Which entries lie on the kink.
    left, right : Array
        The cotangent times each one-sided derivative.
    gradient : Array
        What the backward says.
    rounding : callable
        How far from an admissible value it may be, by the value's magnitude.
    slopes : tuple of float, optional
        The one-sided derivatives themselves, where they are two numbers: they name a convention.
    """

    zero: Array
    left: Array
    right: Array
    gradient: Array
    rounding: Callable[[Array], Array]
    slopes: tuple[float, float] | None = None

    def interval(self, index: tuple[int, ...]) -> tuple[float, float]:
        """Return the smallest and largest admissible gradient of an entry (Clarke)."""
        both = float(self.left[index]), float(self.right[index])
        return min(both), max(both)

    def first_outside(self) -> tuple[int, ...] | None:
        """Return the first entry on the kink whose gradient is not between the sides."""
        low, high = np.minimum(self.left, self.right), np.maximum(self.left, self.right)
        above = self.gradient >= low - self.rounding(np.abs(low))
        below = self.gradient <= high + self.rounding(np.abs(high))
        outside = np.argwhere(self.zero & ~(above & below))
        return tuple(int(i) for i in outside[0]) if len(outside) else None

    @property
    def convention(self) -> str | None:
        """Which derivative the backward takes at the kink; None where both sides agree."""
        other = f"at x = 0: no one derivative between those from both sides {VALID}"
        return self._first(self._named(), other)

    @property
    def nearest(self) -> str | None:
        """Which derivative the backward takes; None where both sides agree."""
        values = self.left, self.right, (self.left + self.right) / 2
        names = self._called(
            "the derivative from the left", "the derivative from the right", "their mean"
        )
        other = "a derivative between those from both sides"
        return self._first(zip(values, names, strict=True), other)

    def _first(self, candidates: Iterable[tuple[Array, str]], other: str) -> str | None:
        """Return the name of the first candidate that the gradient is, where the sides differ."""
        rounding = self.rounding(np.maximum(np.abs(self.left), np.abs(self.right)))
        telling = self.zero & (np.abs(self.right - self.left) > 4 * rounding)
        if not telling.any():
            return None
        for value, name in candidates:
            if np.all(np.abs(self.gradient - value)[telling] <= rounding[telling]):
                return name
        return other

    def _called(self, *names: str) -> list[str]:
        """Put the number before the names of left, right and middle: "0, the derivative ..."."""
        if self.slopes is None:
            return list(names)
        numbers = (*self.slopes, sum(self.slopes) / 2)
        return [f"{written(n)}, {name}" for n, name in zip(numbers, names, strict=True)]

    def _named(self) -> tuple[tuple[Array, str], ...]:
        middle = (self.left + self.right) / 2
        left, right, mean = self._called(
            "the derivative from the left, as below 0 (same as torch)",
            f"the derivative from the right, as above 0 {VALID}",
            f"the mean of the derivatives from both sides {VALID}",
        )
        return (
            (self.left, f"at x = 0: {left}"),
            (self.right, f"at x = 0: {right}"),
            (middle, f"at x = 0: {mean}"),
            (np.zeros_like(middle), f"at x = 0: derivative 0 {VALID}"),
        )


def written(number: float) -> str:
    """Write a derivative as people do: 1/2 and 1/6, but 0.01.

    >>> [written(number) for number in (0.0, 0.5, 1 / 6, 0.01)]
    ['0', '1/2', '1/6', '0.01']
    """
    simple = Fraction(number).limit_denominator(SIMPLE)
    return str(simple) if float(simple) == number else f"{number:g}"
