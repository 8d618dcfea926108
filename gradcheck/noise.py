r"""Noise: what a function loses inside, estimated from its own samples.

A smooth function is, close to a point, a polynomial of degree five to within rounding; what its
samples there leave besides is noise: the idea of Hamming's difference tables, and of Moré and
Wild, *Estimating computational noise*, 2011. Samples at the :math:`m` finest distances, both sides
and the centre, are projected on the complement of those polynomials: :math:`\nu = 2m - 5`
independent numbers, whose mean square is the noise's variance. The bases are nested, so that one
matrix serves every window of distances.

Noise shows in places where its magnitude is no guide to it: :math:`(10^8 + \sin x) - 10^8` is of
unit size and rounds to :math:`10^{-8}`.
"""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import noise_factor, unit_roundoff
from gradcheck.ladder import COUNT, DISTANCES, RATIO, STRIDE, WIDTH, running

if TYPE_CHECKING:
    from gradcheck.layer import Array

DEGREE = 5
"""Degree of the polynomials that are no noise."""


def bound(above: Array, below: Array, dtype: str) -> Array:
    """Return what noise may do to one sample at each stencil of a ladder.

    Each stencil takes the noise from samples within its own reach, so that what it cannot resolve
    does not pass for noise of a finer one; at most from distances where the sixth derivative of
    a function of unit scale leaves less than a rounding.

    Parameters
    ----------
    above, below : Array
        As for `ladder.stencils`, of shape (distances, entries).
    dtype : str
        Dtype in which the function is evaluated.

    Returns
    -------
    Array
        Of shape (stencils, entries): the standard deviation, times `bounds.noise_factor`.
    """
    count = min(_quiet(dtype), len(above))
    windows = _windows(len(above), count)
    above, below = above[:count], below[:count]
    of_above, of_below = _basis(count)
    left = of_above @ above
    left += of_below @ below
    np.square(left, out=left)
    least = _freedom(WIDTH)
    sums = np.concatenate([left[None, :least].sum(axis=1), left[least::2] + left[least + 1 :: 2]])
    running(np.add, sums)
    bounds: Array = np.sqrt(sums, out=sums)
    if above.all() and below.all():
        bounds *= _factors()[least : _freedom(count) + 1 : 2, None]
    else:
        # A sample that equals the centre to the last bit says nothing of the noise.
        still = np.cumsum((above == 0).astype(int) + (below == 0), axis=0)[WIDTH - 1 :]
        freedom = np.arange(least, _freedom(count) + 1, 2)
        bounds *= _factors()[np.maximum(freedom[:, None] - still, 1)]
    return bounds[windows]


@cache
def _windows(length: int, count: int) -> Array:
    """Return the window that each stencil takes its noise from: its own, or the widest."""
    return np.minimum(np.arange(0, length - WIDTH + 1, STRIDE), count - WIDTH)


@cache
def _quiet(dtype: str) -> int:
    """Count the distances at which :math:`h^6 / 6!` is below a rounding."""
    small = factorial(DEGREE + 1) * unit_roundoff(dtype) >= DISTANCES ** (DEGREE + 1)
    return int(np.count_nonzero(small))


def _freedom(count: int) -> int:
    return 2 * count - DEGREE


@cache
def _factors() -> Array:
    """Return Student's factors over the root of the freedom, by freedom."""
    return np.array([np.inf, *(noise_factor(n) / n**0.5 for n in range(1, _freedom(COUNT) + 1))])


@cache
def _basis(count: int) -> tuple[Array, Array]:
    """Return orthonormal rows, nested by window, as what they make of either side.

    The centre's own column is left out: relative to itself it is zero.
    """
    nodes = RATIO ** np.arange(float(count))
    rows: list[Array] = []
    for width in range(WIDTH, count + 1):
        near = np.r_[0 : width + 1, count + 1 : count + 1 + width]
        t = np.concatenate([[0.0], nodes, -nodes])[near] / nodes[width - 1]
        known = [t**power for power in range(DEGREE + 1)] + [row[near] for row in rows]
        whole, _ = np.linalg.qr(np.array(known).T, mode="complete")
        for column in whole[:, len(known) :].T:
            row = np.zeros(2 * count + 1)
            row[near] = column
            rows.append(row)
    whole_rows = np.array(rows)
    return whole_rows[:, 1 : count + 1].copy(), whole_rows[:, count + 1 :].copy()
