"""Power: the smallest error in one entry of a gradient that the evidence would have shown.

Relative to that gradient's largest entry, and with probability at least 1 - 1e-6. Of several
pieces of evidence on one case the sharpest counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.finding import Evidence


def best_sight(evidence: Iterable[Evidence]) -> dict[tuple[str, str], float]:
    """Return the power of one case by gradient and dtype."""
    best: dict[tuple[str, str], float] = {}
    for piece in evidence:
        if piece.power is not None and piece.wrt != "output":
            key = piece.wrt, piece.dtype
            best[key] = min(piece.power, best.get(key, piece.power))
    return best
