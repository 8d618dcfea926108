"""Checks: contract first, then values; each yields findings on one trial."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from gradcheck.checks import contract, differences, extremes, kinks, oracle, structure

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial

Check: TypeAlias = "Callable[[Trial], Iterator[Finding]]"

CHECKS: Mapping[str, Check] = {
    "contract": contract.check,
    "structure": structure.check,
    "differences": differences.check,
    "oracle": oracle.check,
    "kinks": kinks.check,
    "extremes": extremes.check,
}
"""The properties by name, in the order in which they are checked."""
