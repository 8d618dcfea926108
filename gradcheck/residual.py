r"""Residual: whether a sparse Jacobian adds up to the differences along a random line.

A pattern that lacks an entry loses it, or credits it to another column of the same colour. Either
way :math:`J v` disagrees with the difference along :math:`v` in that row, unless the entries of
:math:`v` conspire: with probability at most :math:`1/S` for entries drawn from :math:`S` values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import MISS_PROBABILITY
from gradcheck.differences import directional
from gradcheck.lattice import as_floats

if TYPE_CHECKING:
    from gradcheck.block import Block
    from gradcheck.columns import Forward
    from gradcheck.lattice import Lattice
    from gradcheck.layer import Array

PROBES = 8
"""Lines at most, where a small mantissa leaves a line few values."""


class Uncovered(Exception):  # noqa: N818 - names what it is
    """The columns do not add up to the difference along a line, in this output entry."""

    def __init__(self, name: str, index: tuple[int, ...], source: str) -> None:
        super().__init__(
            f"the columns for {name} do not add up to the difference along a line at output "
            f"{index}: the pattern, from {source}, lacks an entry, or a kink is within reach"
        )
        self.index = index


def on_lattice(
    forward: Forward, lattice: Lattice, name: str, block: Block, dtype: str,
    rng: np.random.Generator,
) -> float | None:  # fmt: skip
    """Return the probability at most of missing an entry that the pattern lacks.

    None where the entries have bars: what lies below them is not seen.

    Raises
    ------
    Uncovered
        If there is such an entry.
    """
    miss, exponent = 1.0, lattice.exponents[name]
    x = as_floats(lattice.point[name], exponent, dtype)
    for _ in range(PROBES):
        lattice = lattice.turned(rng)
        v = as_floats(lattice.tangent[name], exponent, dtype)
        half = 0.5 * (forward(x + v).astype(np.float64) - forward(x - v))
        # Off the lattice both outputs round: by no more than each column's own difference may.
        rounding = block.widest * lattice.reach[name] * lattice.step * 2.0**exponent
        _compare(name, block, v, half, rounding)
        miss /= lattice.values
        if miss <= MISS_PROBABILITY:
            break
    return miss if block.bars is None else None


def certified(
    forward: Forward, x: Array, tangent: Array, name: str, block: Block, dtype: str = "float64"
) -> None:
    """Raise `Uncovered` if the columns leave the bar of a difference along all of them."""
    estimate = directional(forward, x, tangent, dtype=dtype)
    _compare(name, block, tangent, estimate.value, estimate.bar)


def _compare(
    name: str, block: Block, tangent: Array, difference: Array, bar: Array | float
) -> None:
    added, slack = block.push(tangent)
    apart = np.abs(added.reshape(difference.shape) - difference)
    off = np.argwhere(~(apart <= slack.reshape(difference.shape) + bar))
    if len(off):
        raise Uncovered(name, tuple(int(i) for i in off[0]), block.pattern.source)
