"""Pattern: which entries of a Jacobian may differ from zero.

From the geometry of a kind of layer, which its spec knows, or from probing the forward: an entry of
the input is moved by itself, and the outputs that change are the rows of its column. The backward
under test has no say in it. A pattern that lacks an entry is found out by the residual of
`gradcheck.jacobian`, so neither source is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array

ENTRIES = 2_000_000
"""Most entries that a pattern may have.

An entry costs 16 bytes of indices, 16 of value and bar, and as much again while it is sorted:
130 MB at most, under the 200 MB that a whole Jacobian may add. A dense matrix of 4096 by 4096 has
16.8 million entries and is refused; under a convolution of that size it has half a million.
"""

PROBES = 8192
"""Most entries of the inputs that are moved one by one in search of a pattern."""


class TooLarge(Exception):  # noqa: N818 - names what it is
    """A Jacobian with more entries than the budget, or more inputs than can be probed."""


@dataclass(frozen=True)
class Pattern:
    """Places (row, column) of a sparse matrix, column by column.

    Attributes
    ----------
    shape : tuple of int
        Entries of the output, entries of the input.
    rows, columns : Array
        int64, of one length, sorted by column and in it by row.
    source : str
        ``"geometry"`` or ``"probing"``.
    """

    shape: tuple[int, int]
    rows: Array
    columns: Array
    source: str

    @classmethod
    def of(cls, shape: tuple[int, int], rows: Array, columns: Array, source: str) -> Pattern:
        """Return the pattern of places in any order, each perhaps named more than once."""
        _require_room(rows.size)
        flat = np.unique(columns.astype(np.int64) * shape[0] + rows)
        found, placed = np.divmod(flat, max(shape[0], 1))
        return cls(shape, placed, found, source)

    @property
    def size(self) -> int:
        """Number of entries that may differ from zero."""
        return int(self.rows.size)

    @cached_property
    def starts(self) -> Array:
        """Where each column begins, and at last the size."""
        return np.searchsorted(self.columns, np.arange(self.shape[1] + 1))

    def dense(self, values: Array) -> Array:
        """Return the matrix with these values in its places, for small ones to look at."""
        _require_room(self.shape[0] * self.shape[1])
        matrix = np.zeros(self.shape, values.dtype)
        matrix[self.rows, self.columns] = values
        return matrix


def probed(forward: Callable[[Array], Array], x: Array, moved: Array) -> Pattern:
    """Return the pattern of a forward at a point: move each entry alone, see which outputs change.

    Parameters
    ----------
    forward : callable
        From an array of the shape of ``x`` to the output.
    x, moved : Array
        The point, and where each entry is moved to.

    Raises
    ------
    TooLarge
        If ``x`` has too many entries to move one by one, or the pattern too many.
    """
    if x.size > PROBES:
        raise TooLarge(f"{x.size} inputs are too many to probe one by one ({PROBES} at most)")
    base = forward(x)
    rows: list[Array] = []
    work, total = x.copy(), 0
    for place in np.ndindex(x.shape):
        work[place] = moved[place]
        rows.append(np.flatnonzero(forward(work) != base))
        work[place] = x[place]
        total += rows[-1].size
        _require_room(total)
    columns = np.repeat(np.arange(x.size), [found.size for found in rows])
    together = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    return Pattern((base.size, x.size), together, columns, "probing")


def beside(patterns: list[Pattern]) -> Pattern:
    """Return the pattern of Jacobians set side by side: of one output by several inputs."""
    offsets = np.cumsum([0, *(p.shape[1] for p in patterns)])
    return Pattern(
        (patterns[0].shape[0], int(offsets[-1])),
        np.concatenate([p.rows for p in patterns]),
        np.concatenate([p.columns + at for p, at in zip(patterns, offsets, strict=False)]),
        "/".join(dict.fromkeys(p.source for p in patterns)),
    )


def _require_room(entries: int) -> None:
    if entries > ENTRIES:
        raise TooLarge(f"more than {ENTRIES} entries of the Jacobian may differ from zero")
