"""Table: every row that a plan may take, as named columns of integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array

    from ._drawn import Below

Row: TypeAlias = SimpleNamespace
"""One row: an integer by the name of each column."""


class Table:
    """Rows of integers; ``table.kernel`` is a column, ``table.row(0).kernel`` a number.

    A predicate written with ``& | ~`` and comparisons reads a table and a row alike, so that what
    narrows a plan is also what recognises a case.

    Parameters
    ----------
    columns : Mapping[str, Array]
        Columns of one length; rows are drawn column by column in this order, and stand in the
        order of a dictionary, so that those which begin alike stand together.
    """

    def __init__(self, columns: Mapping[str, Array]) -> None:
        self._columns = dict(columns)
        self._choices: dict[bytes, Choice] = {}

    @classmethod
    def product(cls, ranges: Mapping[str, Iterable[int]]) -> Table:
        """Return every combination of one value from each range, the simplest first."""
        values = (sorted(set(r), key=_simplicity) for r in ranges.values())
        grids = np.meshgrid(*(np.array(v, np.int32) for v in values), indexing="ij")
        return cls({name: grid.ravel() for name, grid in zip(ranges, grids, strict=True)})

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or name not in self._columns:
            raise AttributeError(f"the table has no column {name!r}")
        return self._columns[name]

    def extended(self, **columns: Array) -> Table:
        """Return the table with more columns, which follow from those there are."""
        return Table({**self._columns, **columns})

    def where(self, keep: Any) -> Table:
        """Return the rows for which ``keep`` holds."""
        mask = np.broadcast_to(keep, len(self))
        return Table({name: column[mask] for name, column in self._columns.items()})

    def beside(self) -> Table:
        """Return the table as a column vector, to be held against every row of another."""
        return Table({name: column[:, None] for name, column in self._columns.items()})

    def row(self, index: int) -> Row:
        """Return one row."""
        return Row(**{name: column[index].item() for name, column in self._columns.items()})

    def choice(self, keep: Any = True) -> Choice:
        """Return the rows for which ``keep`` holds, to be drawn from; the same ones only once."""
        known = b"" if keep is True else np.asarray(keep).tobytes()
        if known not in self._choices:
            left = np.flatnonzero(np.broadcast_to(keep, len(self)))
            self._choices[known] = Choice(self, left, list(self._columns.values()))
        return self._choices[known]


class Choice:
    """Rows of a table to be drawn from, one column after the other.

    Of each column one of the values that the columns before leave: nothing is drawn and then
    rejected, and each column shrinks to its simplest value. What a column leaves is worked out
    once: a sweep comes to the same few places again and again.

    Parameters
    ----------
    table : Table
        The table.
    left : Array
        The rows that may be drawn.
    columns : list of Array
        The table's columns.
    """

    def __init__(self, table: Table, left: Array, columns: list[Array]) -> None:
        self._table, self._left, self._columns = table, left, columns
        self._starts: dict[tuple[int, int, int], list[int]] = {}
        self._rows: dict[int, Row] = {}

    def draw(self, below: Below) -> Row:
        """Draw a row."""
        low, high = 0, len(self._left)
        for column in range(len(self._columns)):
            if high - low == 1:
                break
            starts = self._begin(column, low, high)
            one = below(len(starts) - 1)
            low, high = starts[one], starts[one + 1]
        index = int(self._left[low])
        if index not in self._rows:
            self._rows[index] = self._table.row(index)
        return self._rows[index]

    def _begin(self, column: int, low: int, high: int) -> list[int]:
        """Return where each value of a column begins, between two rows, and where the last ends."""
        known = self._starts.get((column, low, high))
        if known is None:
            values = self._columns[column][self._left[low:high]]
            changes = np.flatnonzero(values[1:] != values[:-1]) + 1
            known = [low, *(changes + low).tolist(), high]
            self._starts[column, low, high] = known
        return known


def _simplicity(value: int) -> tuple[int, bool]:
    return abs(value), value < 0
