r"""Ladder: nodes at geometric distances, and what each stencil of four of them says.

Samples lie at :math:`x \pm h_j v` with :math:`h_j = \tfrac12 r^{-j}`, so that every four
neighbouring distances :math:`h, rh, r^2h, r^3h` make a stencil and a finer stencil costs two
samples. From :math:`a_j = f(x + h_j v) - f(x)` and :math:`b_j = f(x - h_j v) - f(x)`:

- the odd part :math:`D_j = (a_j - b_j) / 2h_j = f' + c_1 h_j^2 + c_2 h_j^4 + \dots`, from which
  Richardson's extrapolation removes one power at a time: orders 2, 4, 6 and 8 (Richardson, *The
  approximate arithmetical solution by finite differences*, 1911; Rutishauser, *Ausdehnung des
  Rombergschen Prinzips*, 1963, for differentiation);
- the even part :math:`T_j = (a_j + b_j) / h_j^2`, of which two differences, each free of
  :math:`f''` and :math:`f''''`, vanish for a polynomial of degree five: the even residuals. The
  difference of the two sixth orders is the odd one.

The ratio :math:`r = \varphi^{7/4} \approx 2.32`, a power of the golden section, is irrational, as
are :math:`r^2` and :math:`r^3`. With a ratio of two the roundings of a linear map at
:math:`h, 2h, 4h, 8h` line up whenever :math:`h` is nearly a whole number of its quanta: they look
like another slope, and no residual sees them. Powers of the golden section stay far from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array

RATIO = ((1 + 5**0.5) / 2) ** 1.75
"""Each distance over the next finer one."""

COUNT = 14
"""Distances: from half a tangent down to where even order two has little left to gain.

That is :math:`h^2 \\approx u / h`, near :math:`2^{-17}` in float64.
"""

WIDTH = 4
"""Distances in a stencil."""

STRIDE = 2
"""Distances from one stencil to the next: in between there is little more to be seen."""

DISTANCES: Array = 0.5 * RATIO ** -np.arange(COUNT - 1.0, -1.0, -1.0)
"""Fine to coarse, in units of the tangent."""

SINGULAR = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
"""Exponents p of the singularities :math:`|t - \\tau|^p` that the residuals are held against:
jumps, kinks, and derivatives that are continuous but not smooth."""


@dataclass(frozen=True)
class Stencils:
    """What the stencils along a ladder say, finest first, in units of the derivative.

    Attributes
    ----------
    value : Array
        Differences of order 8.
    truncation : Array
        How far order 6 lies from order 8.
    residual : Array
        The largest of the three residuals.
    """

    value: Array
    truncation: Array
    residual: Array


def stencils(above: Array, below: Array, distances: Array) -> Stencils:
    """Return what four neighbouring distances say, for every other four of them.

    Parameters
    ----------
    above, below : Array
        ``f(x + h v) - f(x)`` and ``f(x - h v) - f(x)``, finite, distances along the first axis.
    distances : Array
        Fine to coarse, each `RATIO` times the one before.
    """
    of_odd, of_even = _weights(len(distances))
    odd = (of_odd / distances[0]) @ (above - below)
    even = (of_even / distances[0]) @ (above + below)
    half = len(odd) // 2
    value, truncation = odd[:half], np.abs(odd[half:], out=odd[half:])
    np.abs(even, out=even)
    # Both even residuals weigh alike at a kink, where they grow as h does; so does four times
    # the odd one, at a function that is odd about a singularity and leaves no other.
    residual = np.maximum(even[:half], even[half:], out=even[:half])
    np.maximum(residual, (WIDTH * (RATIO**6 - 1)) * truncation, out=residual)
    return Stencils(value, truncation, residual)


@cache
def _weights(count: int) -> tuple[Array, Array]:
    """Return what stencils make of the odd and even parts of samples at distances 1, r, r^2, ...

    As matrices: values above truncations, and the residual of the three finer distances of each
    stencil above that of its three coarser ones.
    """
    h = RATIO ** np.arange(float(count))[:, None]
    order = np.eye(count) / (2 * h)
    for power in (2, 4):
        order = _extrapolate(order, RATIO**power)
    order, coarser = order[:-1:STRIDE], order[1::STRIDE]
    truncation = (order - coarser) / (RATIO**6 - 1)
    bend = np.eye(count) / h**2
    bend = bend[:-1] - bend[1:]
    even = (RATIO**2 * bend[:-1] - bend[1:]) * h[:-2]
    return (
        np.concatenate([order + truncation, truncation]),
        np.concatenate([even[:-1:STRIDE], RATIO * even[1::STRIDE]]),
    )


def running(operation: np.ufunc, rows: Array) -> None:
    """Accumulate along the first axis, in place: ten times as fast as NumPy's own, row by row."""
    for finer, row in pairwise(rows):
        operation(finer, row, out=row)


def _extrapolate(order: Array, factor: float) -> Array:
    """Remove the leading power of the distance."""
    return (factor * order[:-1] - order[1:]) / (factor - 1)


@cache
def rounding_weight() -> float:
    r"""Return :math:`\|w\|_2`, where order 8 at distance 1 is :math:`\sum w_k f_k`."""
    unit = np.eye(WIDTH)
    weights = stencils(unit, np.zeros_like(unit), RATIO ** np.arange(float(WIDTH))).value
    return float(np.sqrt(2) * np.linalg.norm(weights))


@cache
def singular_factor() -> float:
    r"""Return how wrong order 8 can be at a singularity, over the largest residual that it leaves.

    The maximum over :math:`\alpha (t-\tau)_+^p + \beta (\tau-t)_+^p`, for every place
    :math:`\tau` inside the stencil, every :math:`\alpha : \beta` and the exponents `SINGULAR`,
    of the error beyond the truncation. It is attained at :math:`p = 3/2`, :math:`\tau = 0`: the
    rougher ones leave larger residuals. Between 1 and 3/2 a slope that turns infinitely fast at
    :math:`\tau` is not resolved by any stencil that straddles it, and below 1 it is unbounded.
    """
    reach = int(RATIO ** (WIDTH - 1))
    place, angle = np.meshgrid(
        np.arange(-64 * reach, 64 * reach + 1) / 64, np.linspace(0, np.pi, 91), indexing="ij"
    )
    return max(_worst_ratio(p, place.ravel(), angle.ravel()) for p in SINGULAR)


def _worst_ratio(power: float, place: Array, angle: Array) -> float:
    right, left = np.cos(angle), np.sin(angle)

    def f(t: Array | float) -> Array:
        away = t - place
        return np.where(away > 0, right, np.where(away < 0, left, 0.0)) * np.abs(away) ** power

    distances = RATIO ** np.arange(float(WIDTH))
    above, below = ([f(sign * d) - f(0.0) for d in distances] for sign in (1, -1))
    said = stencils(np.array(above), np.array(below), distances)
    # At a jump or kink itself there is no derivative; a hair to either side of it there is.
    somewhere = (place != 0) | (power > 1)
    slope = np.where(place < 0, right, -left) * power
    truth = np.where(place == 0, 0.0, slope * np.abs(np.where(place == 0, 1, place)) ** (power - 1))
    error = np.abs(said.value[0] - truth) - said.truncation[0]
    seen = said.residual[0]
    # A polynomial leaves neither error nor residual, but for rounding.
    matters = somewhere & (error > np.sqrt(np.finfo(float).eps))
    return float(np.max(error[matters] / seen[matters], initial=0.0))
