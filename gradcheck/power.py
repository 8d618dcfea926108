"""Power: the smallest error in one entry of a gradient that the evidence would have shown.

Relative to that gradient's largest entry, and with probability at least 1 - 1e-6. Of several
pieces of evidence on one case the sharpest counts. At a point where a function is flat everywhere
(sigmoid at 40) its largest entry is the one that it would have where it is steep: relative
accuracy lost in a tail is a note of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gradcheck.bounds import weakest_sight
from gradcheck.finding import Doubt

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


def doubts(evidence: Iterable[Evidence]) -> Iterator[Doubt]:
    """Doubt a gradient of which no evidence could see enough.

    An equality on the lattice sees every value that lies there, however small the gradient is.
    """
    evidence = tuple(evidence)
    exact = {(piece.wrt, piece.dtype) for piece in evidence if piece.regime == "exact"}
    for (wrt, dtype), power in best_sight(evidence).items():
        if power > weakest_sight(dtype) and (wrt, dtype) not in exact:
            yield Doubt(
                check="power", wrt=wrt,
                reason=f"errors below {power:.1e} of the largest entry would not have shown",
            )  # fmt: skip
