"""Colouring: columns that share no output are perturbed together, rows that share no input pulled.

Two columns conflict if some row has an entry in both. Columns of one colour never conflict, so one
difference along all of them gives every entry of each: a convolution needs about
``C_in * kh * kw`` differences instead of one for each pixel. Greedy colouring in the natural order
(Curtis, Powell and Reid, *On the estimation of sparse Jacobian matrices*, 1974) is optimal for
windows that slide one by one, and never better than the fullest row, which is reported beside it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array


def colour(columns: Array, rows: Array, count: int) -> Array:
    """Give each column the first colour that no column it shares a row with has.

    Parameters
    ----------
    columns, rows : Array
        Places of the entries, sorted by column. Handed over the other way round, sorted by row,
        they colour the rows.
    count : int
        Number of columns.

    Returns
    -------
    colours : Array
        Shape (count,): 0, 1, 2, ...

    Examples
    --------
    >>> import numpy as np
    >>> colour(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2]), 3)  # 0 and 1 share row 1
    array([0, 1, 0])
    """
    starts = np.searchsorted(columns, np.arange(count + 1)).tolist()
    taken = [0] * (int(rows.max(initial=-1)) + 1)  # a bit for each colour that the row has seen
    colours = []
    for begin, end in pairwise(starts):
        mine, seen = rows[begin:end].tolist(), 0
        for row in mine:
            seen |= taken[row]
        free = ~seen & (seen + 1)
        for row in mine:
            taken[row] |= free
        colours.append(free.bit_length() - 1)
    return np.array(colours, dtype=np.int64)


def fullest(places: Array) -> int:
    """Return the most entries that one row has: no colouring of the columns has fewer colours."""
    return int(np.bincount(places).max(initial=0)) if places.size else 0


def groups(colours: Array) -> list[Array]:
    """Return the members of each colour."""
    order = np.argsort(colours, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(colours[order])) + 1) if order.size else []
