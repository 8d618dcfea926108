r"""Bend: where a function turns a corner near a point, and its slopes on both sides.

Along a line, with samples at :math:`\pm h` and :math:`\pm 2h`, the residual
:math:`r(h) = f(h) + f(-h) - 2f(0)` of a smooth function grows fourfold from :math:`h` to
:math:`2h`; past a corner at a distance :math:`d` it grows by :math:`(2h - d) / (h - d)`, at most
threefold while :math:`d \le h/2`, and past a jump not at all. So does what rounding leaves. How
much that is shows in samples between :math:`h` and :math:`2h`, where past a corner each side is
smooth: in what is left of them over a parabola.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import MOST_ASIDE, WEAKEST_SIGHT, noise_factor, unit_roundoff
from gradcheck.ladder import DISTANCES, WIDTH

if TYPE_CHECKING:
    from gradcheck.layer import Array

STEP = 2 * float(DISTANCES[WIDTH - 1])
""":math:`h` in units of the tangent: half of it is how far the finest differences look."""

GROWTH = 3.0
"""Below this growth of the residual there is a corner."""

NODES = (1.0, 1.125, 1.25, 1.5, 2.0)
"""Steps of the samples on either side, in units of the first."""

NUMBERS = {"0": 0.0, "1/2": 0.5, "1": 1.0}
"""Slopes that conventions are called by."""

ROUNDINGS = 64
"""A residual of so many units of rounding tells its growth; slopes are not surer than that."""


@dataclass(frozen=True)
class Sides:
    """The slopes of every output entry on both sides of a corner, per unit of the direction.

    Attributes
    ----------
    left, right : Array
        The slopes.
    slack : Array
        How far curvature and rounding may have moved them.
    distance : float
        How far along the direction the sharpest corner lies.
    """

    left: Array
    right: Array
    slack: Array
    distance: float

    def interval(self, u: Array) -> tuple[float, float]:
        """Return what a gradient may give along the direction, for a cotangent (Clarke)."""
        slack = float(np.vdot(np.abs(u), self.slack))
        low, high = (
            np.minimum(u * self.left, u * self.right),
            np.maximum(u * self.left, u * self.right),
        )
        return float(low.sum()) - slack, float(high.sum()) + slack

    def convention(self, u: Array, got: float) -> str:
        """Return which derivative a gradient along the direction takes, for a cotangent."""
        left, right, slack = (float(np.vdot(*p)) for p in (
            (u, self.left), (u, self.right), (np.abs(u), self.slack),
        ))  # fmt: skip
        middle = (left + right) / 2, (self.left + self.right) / 2
        named = {
            "from the left": (left, self.left), "from the right": (right, self.right),
            "the mean": middle,
        }  # fmt: skip
        taken = (n + self._number(s) for n, (v, s) in named.items() if abs(got - v) <= slack)
        return next(taken, "in between")

    def _number(self, slopes: Array) -> str:
        """Return ", 1/2" where the slope of the one output with a corner is such a number."""
        bent = np.argwhere(np.abs(self.left - self.right) > 2 * self.slack)
        if len(bent) != 1:
            return ""
        (place,) = map(tuple, bent)
        apart, name = min((abs(slopes[place] - value), name) for name, value in NUMBERS.items())
        return f", {name}" if apart <= self.slack[place] else ""


def sides(
    f: Callable[[Array], Array], x: Array, direction: Array, reach: float, dtype: str
) -> Sides:
    """Measure the slopes on both sides of a corner that lies within reach.

    Parameters
    ----------
    f : callable
        From an array of the shape of ``x`` to an array.
    x, direction : Array
        The point, and the direction per unit of which slopes are given.
    reach : float
        How much of the direction is a tangent: samples stand at `STEP` of it and beyond.
    dtype : str
        What ``f`` computes in.
    """
    h = STEP * reach
    with np.errstate(all="ignore"):  # samples may leave the domain of f
        up, down = ([f(x + side * k * h * direction) for k in (1, 2, 3)] for side in (1, -1))
        right, left = (up[1] - up[0]) / h, (down[0] - down[1]) / h
        size = np.max([np.abs(a) for a in (*up, *down)], axis=0)
        curved = sum(np.abs(a[2] - 2 * a[1] + a[0]) for a in (up, down))
        slack = (2 * curved + ROUNDINGS * unit_roundoff(dtype) * size) / h
        corner = np.abs(left - right)
        place = np.unravel_index(int(np.argmax(corner)), corner.shape)
        gap = up[0] - down[0] - (right + left) * h
    distance = abs(float(gap[place] / corner[place])) if corner[place] else 0.0
    return Sides(left, right, slack, distance)


def corners(
    f: Callable[[Array], Array], x: Array, tangent: Array, dtype: str, most: int
) -> list[int]:
    """Return the flat indices of entries within reach of a corner, by halving.

    Parameters
    ----------
    f : callable
        From an array of the shape of ``x`` to an array.
    x, tangent : Array
        Point, and how far each entry moves; moved together, then in halves.
    dtype : str
        What ``f`` computes in.
    most : int
        The search ends once it has found more.
    """
    found, parts = list[int](), [np.arange(x.size)]
    with np.errstate(all="ignore"):  # NaN tells nothing
        centre = f(x)
        while parts and len(found) <= most:
            part = parts.pop()
            v = np.zeros(x.size)
            v[part] = tangent.ravel()[part]
            if not _bends(f, x, v.reshape(x.shape), centre, dtype):
                continue
            if len(part) == 1:
                found.append(int(part[0]))
            else:
                parts += np.array_split(part, 2)
    return sorted(found)


def _bends(f: Callable[[Array], Array], x: Array, v: Array, centre: Array, dtype: str) -> bool:
    def sides(step: float) -> tuple[Array, Array]:
        return f(x + STEP * step * v), f(x - STEP * step * v)

    near, far = sides(NODES[0]), sides(NODES[-1])
    small, large = (np.abs(up + down - 2 * centre) for up, down in (near, far))
    told = small > WEAKEST_SIGHT * np.abs(near[0] - near[1])
    told &= large < GROWTH * small
    if not told.any():
        return False
    size = np.abs([*near, *far, centre]).max(axis=0)
    told &= small > ROUNDINGS * unit_roundoff(dtype) * size
    if not told.any():
        return False
    samples = np.array([near, *map(sides, NODES[1:-1]), far])
    return bool((small > _noise(samples))[told].any())


def _noise(samples: Array) -> Array:
    """Return what roundings of the samples, (nodes, sides, ...), may make of a residual.

    An entry's own samples may agree by chance, so the others have a say: as many as lie off kinks
    where not too many lie near one.
    """
    left = np.tensordot(_beyond_parabolas(), samples, axes=1)
    deviation = np.sqrt(np.square(left).mean(axis=(0, 1)))
    typical = np.quantile(deviation, 1 - MOST_ASIDE)
    # Two samples, and twice the centre.
    noise: Array = noise_factor(2 * len(left)) * 6**0.5 * np.maximum(deviation, typical)
    return noise


@cache
def _beyond_parabolas() -> Array:
    """Return orthonormal rows that no parabola through the nodes shows in."""
    whole, _ = np.linalg.qr(np.vander(NODES, 3), mode="complete")
    return whole[:, 3:].T
