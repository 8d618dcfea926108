"""Divisors: what average pooling divides its windows by."""

from __future__ import annotations

from itertools import product
from math import lcm, prod
from typing import TYPE_CHECKING

from ._axis import axes_of

if TYPE_CHECKING:
    from gradcheck.case import Case

    from ._table import Row


def divisors(case: Case) -> set[int]:
    """Return the divisors that occur, over all windows of an average pool."""
    override = case.config.get("divisor_override")
    if override is not None:
        return {abs(override)}
    ring = case.config["count_include_pad"]
    return set(map(prod, product(*(_counted(axis, ring) for axis in axes_of(case)))))


def common(case: Case) -> int:
    """Return the least common multiple of the divisors."""
    return lcm(*divisors(case))


def largest_share(case: Case) -> float:
    """Return the largest weight that an entry has in a mean."""
    return 1 / min(divisors(case))


def _counted(axis: Row, include_pad: bool) -> set[int]:
    """Return how many places along an axis count: never those past the padding."""
    ring = axis.padding if include_pad else 0
    starts = [window * axis.stride - axis.padding for window in range(axis.out)]
    return {min(s + axis.kernel, axis.size + ring) - max(s, -ring) for s in starts}
