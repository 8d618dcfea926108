"""Block: the Jacobian with respect to one input, sparse, each entry with its error bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import gamma

if TYPE_CHECKING:
    from gradcheck.layer import Array
    from gradcheck.pattern import Pattern


@dataclass(frozen=True)
class Block:
    r"""Entries :math:`J_{ij} = n_{ij} / s` of a Jacobian in the places of a pattern.

    On the lattice numerators are integers times a power of two, cotangents and tangents multiples
    of the step :math:`s`, and every sum below stays within the mantissa: nothing rounds.

    Attributes
    ----------
    pattern : Pattern
        Places of the entries.
    numerators : Array
        float64, one for each place.
    step : float
        Their denominator: 1 but for averages.
    bars : Array or None
        Half-widths of the entries; None where the entries are exact.
    """

    pattern: Pattern
    numerators: Array
    step: float = 1.0
    bars: Array | None = None

    @property
    def values(self) -> Array:
        """The entries, rounded once where the step is no power of two."""
        return self.numerators / self.step

    @property
    def widest(self) -> float:
        """The widest bar, 0 where the entries are exact."""
        return 0.0 if self.bars is None else float(np.max(self.bars, initial=0.0))

    def pull(self, cotangent: Array, entries: Array | None = None) -> tuple[Array, Array]:
        r"""Return :math:`J^\top u` with its bars, flat; of some entries alone if they are given."""
        rows, columns = self.pattern.rows, self.pattern.columns
        return self._summed(cotangent.ravel(), rows, columns, self.pattern.shape[1], entries)

    def push(self, tangent: Array) -> tuple[Array, Array]:
        """Return :math:`J v` with its bars, flat."""
        rows, columns = self.pattern.rows, self.pattern.columns
        return self._summed(tangent.ravel(), columns, rows, self.pattern.shape[0], None)

    def _summed(
        self, vector: Array, source: Array, target: Array, size: int, entries: Array | None
    ) -> tuple[Array, Array]:
        numerators, bars = self.numerators, self.bars
        if entries is not None:
            source, target, numerators = source[entries], target[entries], numerators[entries]
            bars = None if bars is None else bars[entries]
        weights = vector.astype(np.float64, copy=False)[source]
        products = weights / self.step * numerators
        sums = np.bincount(target, products, size)
        if bars is None:
            return sums, np.zeros(size)
        longest = int(np.bincount(target).max(initial=0))
        off = np.abs(weights) * bars + gamma(longest + 2, "float64") * np.abs(products)
        return sums, np.bincount(target, off, size)
