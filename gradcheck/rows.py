r"""Rows: the Jacobian that a backward claims, a colour of rows at a time, beside the true one.

Rows of one colour share no input entry. Pulling back a cotangent that lives on them alone gives
:math:`u_i J_{ij}` in column :math:`j`, for the one row :math:`i` of the colour that has it, and 0
in the columns that none of them has. A backward that answers otherwise in any entry of its matrix
is seen, unless errors of several rows cancel, which drawn cotangents rule out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.colouring import colour, groups
from gradcheck.pattern import beside

if TYPE_CHECKING:
    from gradcheck.jacobian import Jacobian
    from gradcheck.layer import Array

    Pull = Callable[[Array], Mapping[str, Array]]


@dataclass(frozen=True)
class Row:
    """One colour of rows with respect to one input, both sides, flat.

    Attributes
    ----------
    name : str
        The input.
    rows : Array
        Rows of the colour.
    cotangent : Array
        Of the output's shape: 0 but on those rows.
    backward, differences, bar : Array
        What the backward says, what the differences say, and how sure they are.
    """

    name: str
    rows: Array
    cotangent: Array
    backward: Array
    differences: Array
    bar: Array


def colour_rows(jacobian: Jacobian) -> Array:
    """Colour the rows of all blocks together: one pull shows every gradient."""
    pattern = beside([block.pattern for block in jacobian.blocks.values()])
    order = np.argsort(pattern.rows, kind="stable")
    return colour(pattern.rows[order], pattern.columns[order], pattern.shape[0])


def pulled(jacobian: Jacobian, pull: Pull, cotangent: Array) -> Iterator[Row]:
    """Yield every colour of rows, pulled back by the backward and by the differences.

    Parameters
    ----------
    jacobian : Jacobian
        From differences.
    pull : callable
        The backward at the same point: from a cotangent to gradients by name.
    cotangent : Array
        Weights of the rows, none of them 0, in the layer's dtype.
    """
    colours = colour_rows(jacobian)
    places = {name: _by_colour(block.pattern.rows, colours)
              for name, block in jacobian.blocks.items()}  # fmt: skip
    for number, rows in enumerate(groups(colours)):
        alone = np.zeros_like(cotangent)
        alone.flat[rows] = cotangent.flat[rows]
        gradients, wide = pull(alone), alone.astype(np.float64, copy=False)
        for name, block in jacobian.blocks.items():
            differences, bar = block.pull(wide, places[name][number])
            backward = gradients[name].astype(np.float64).ravel()
            yield Row(name, rows, alone, backward, differences, bar)


def guilty(jacobian: Jacobian, pull: Pull, row: Row, column: int) -> tuple[int, float, float]:
    """Return the row of the colour that is most wrong in a column, and both values of that entry.

    Each row is pulled back by itself: the pattern is the differences', not the backward's.
    """
    block = jacobian.blocks[row.name]
    here = block.pattern.columns == column
    true = dict(zip(block.pattern.rows[here].tolist(), block.values[here].tolist(), strict=True))
    found: list[tuple[int, float, float]] = []
    for number in row.rows.tolist():
        alone = np.zeros_like(row.cotangent)
        alone.flat[number] = weight = row.cotangent.flat[number]
        said = float(pull(alone)[row.name].flat[column]) / float(weight)
        found.append((number, said, true.get(number, 0.0)))
    return max(found, key=lambda one: (abs(one[1] - one[2]), -one[0]))


def _by_colour(rows: Array, colours: Array) -> list[Array]:
    """Return the places of each colour."""
    of_place = colours[rows]
    order = np.argsort(of_place, kind="stable")
    bounds = np.searchsorted(of_place[order], np.arange(int(colours.max(initial=-1)) + 2))
    return [order[a:b] for a, b in pairwise(bounds)]
