r"""Columns: a Jacobian from differences of the forward, a colour of columns at a time.

On the lattice a map that is affine in one input has :math:`f(x + v) - f(x) = J v` exactly; that it
is affine along the group is confirmed by :math:`f(x + v) + f(x - v) = 2 f(x)`. Off the lattice the
central difference of a polynomial has a rounding error and no other. Elsewhere each entry is a
certified estimate with its bar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import exact
from gradcheck.block import Block
from gradcheck.bounds import gamma
from gradcheck.colouring import colour, groups
from gradcheck.contraction import to_integers
from gradcheck.differences import directional
from gradcheck.lattice import as_floats

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.lattice import Lattice
    from gradcheck.layer import Array
    from gradcheck.pattern import Pattern
    from gradcheck.spec import Multilinear

    Forward = Callable[[Array], Array]


class OffLattice(Exception):  # noqa: N818 - names what it is
    """An output that is not an integer in its unit: something rounds."""


def streams(pattern: Pattern) -> Iterator[tuple[Array, Array]]:
    """Yield the columns of each colour, with the places of the pattern that they fill."""
    colours = colour(pattern.columns, pattern.rows, pattern.shape[1])
    places = np.argsort(colours[pattern.columns], kind="stable")
    of_place = colours[pattern.columns][places]
    for number, columns in enumerate(groups(colours)):
        begin, end = np.searchsorted(of_place, [number, number + 1])
        yield columns, places[begin:end]


def on_lattice(
    forward: Forward, lattice: Lattice, name: str, pattern: Pattern, dtype: str
) -> Block:
    """Return the Jacobian with no error.

    Raises
    ------
    OffLattice
        If an output is off the lattice.
    NotOfDegree
        If the forward is not affine along a group of columns.
    """
    exponent, unit = lattice.exponents[name], lattice.exponents["output"]
    x = as_floats(lattice.point[name], exponent, dtype)
    base = _integers(forward(x), unit)
    numerators = np.zeros(pattern.size)
    for columns, places in streams(pattern):
        v = _along(x, columns, lattice.step * 2.0**exponent)
        up, down = _integers(forward(x + v), unit), _integers(forward(x - v), unit)
        _confirm_affine(up + down - 2 * base, 0.0)
        changed = (up - base).ravel()[pattern.rows[places]]
        numerators[places] = np.ldexp(changed.astype(np.float64), unit - exponent)
    return Block(pattern, numerators, float(lattice.step))


def rounded(
    forward: Forward, lattice: Lattice, name: str, pattern: Pattern, case: Case, form: Multilinear
) -> Block:
    """Return the Jacobian of a polynomial whose values round: the largest step, and a bar.

    Raises
    ------
    NotOfDegree
        If the forward is not affine along a group of columns, within its rounding.
    """
    exponent = lattice.exponents[name]
    x = as_floats(lattice.point[name], exponent, case.dtype)
    steps = lattice.reach[name] * lattice.step
    move = steps * 2.0**exponent
    longest = replace(lattice, tangent={n: np.full_like(a, steps * (n == name))
                                        for n, a in lattice.point.items()})  # fmt: skip
    count, coefficient = form.counts(case)["output"], form.coefficient(case)
    error = exact.entry_error(longest, form, count, coefficient, case.dtype)
    values, base = np.zeros(pattern.size), forward(x).astype(np.float64)
    for columns, places in streams(pattern):
        v = _along(x, columns, move)
        up, down = (forward(side).astype(np.float64) for side in (x + v, x - v))
        _confirm_affine(up + down - 2 * base, 4 * error)
        values[places] = (0.5 * (up - down) / move).ravel()[pattern.rows[places]]
    return Block(pattern, values, 1.0, error / move + gamma(3, "float64") * np.abs(values))


def certified(
    forward: Forward, x: Array, tangent: Array, pattern: Pattern, dtype: str = "float64"
) -> Block:
    """Return the Jacobian with the error bars of the differences.

    Parameters
    ----------
    forward : callable
        In float64.
    x, tangent : Array
        The point, and how far each entry may move, with a sign.
    pattern : Pattern
        Places to fill.
    dtype : str
        What the layer computes in, whatever it is given.
    """
    values, bars = np.zeros(pattern.size), np.zeros(pattern.size)
    for _, places in streams(pattern):
        # A column without entries stays where it is: it may hide a kink.
        rows, columns = pattern.rows[places], pattern.columns[places]
        moved = np.zeros_like(tangent)
        moved.flat[columns] = by = tangent.flat[columns]
        estimate = directional(forward, x, moved, dtype=dtype)
        values[places] = estimate.value.ravel()[rows] / by
        bars[places] = estimate.bar.ravel()[rows] / np.abs(by)
    return Block(pattern, values, 1.0, bars + gamma(1, "float64") * np.abs(values))


def _along(x: Array, columns: Array, move: float) -> Array:
    tangent = np.zeros_like(x)
    tangent.flat[columns] = move
    return tangent


def _integers(output: Array, exponent: int) -> Array:
    found = to_integers(output, exponent)
    if found is None:
        raise OffLattice
    return found


def _confirm_affine(second: Array, rounding: float) -> None:
    off = np.argwhere(np.abs(second) > rounding)
    if len(off):
        raise exact.NotOfDegree(tuple(int(i) for i in off[0]), 1)
