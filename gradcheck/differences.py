r"""Certified regime: directional differences, each with an error bar that covers.

Twenty-eight symmetric samples (`ladder`) give a difference of order eight at each of six steps
:math:`h`. Its bar is the sum of

- truncation: how far orders six and eight lie apart;
- singularities: `ladder.singular_factor` times the largest of three residuals, which vanish for a
  polynomial of degree five. A kink inside the reach leaves them; symmetric differences alone are
  confidently wrong at a kink (at :math:`|x|` in 0 they answer 0 at every order), since only even
  residuals see it, and at :math:`x|x|`, since only the odd one does;
- rounding: :math:`2u \max|f| / h`, and :math:`2u\,(|x|/|v| + r^3h) |D| / h` for the rounding of the
  samples' arguments, since the output's magnitude alone hides what cancelled inside;
- noise: what the samples themselves show of roundings inside (`noise`), with Student's factor.

The step with the smallest bar wins, entry by entry. Three doubts widen its bar:

- a finer step whose bar does not meet it: one of the two is wrong, both are covered;
- a coarser one that sees more by what may be a rounding: near :math:`p = 1` the numbers of
  :math:`p \log p` stand still while :math:`p` moves by less than :math:`u`, and the rest of the sum
  moves on (`bounds.standstill`);
- a staircase: the finest samples equal the centre to the last bit, and farther out the function
  moves on both sides. The slope then shows in the moving samples alone, and theirs is covered.

What no sample sees no bar covers: a spike or a transition narrower than the finest stencil
(:math:`10^{-4}` of the tangent), an oscillation that is faster still, a slope that turns
infinite within it, and a value that cancels below the last bit of *every* sample on one side, such
as :math:`(x + 10^{17}) - 10^{17}`. To all samples these are other functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import noise
from gradcheck.bounds import smallest, standstill, unit_roundoff
from gradcheck.estimate import Estimate
from gradcheck.ladder import (
    COUNT,
    DISTANCES,
    RATIO,
    STRIDE,
    WIDTH,
    rounding_weight,
    running,
    singular_factor,
    stencils,
)

if TYPE_CHECKING:
    from gradcheck.layer import Array

INNER = 64.0
"""So many of them may stand still."""

BLOCK = 3072
"""Entries settled at once: their samples stay in the cache."""


def directional(
    f: Callable[[Array], Array],
    x: Array,
    tangent: Array,
    *,
    pointwise: bool = False,
    dtype: str = "float64",
) -> Estimate:
    """Estimate the derivative of every entry of ``f`` along a tangent.

    Parameters
    ----------
    f : callable
        From a float64 array of the shape of ``x`` to an array.
    x, tangent : Array
        Point and direction. Entries of the tangent are the natural length of their entry of
        ``x``: nothing much should happen to ``f`` within half of it.
    pointwise : bool
        True if each output entry depends on the entry of ``x`` at its own place alone, so that
        only that entry's magnitude rounds into it.
    dtype : str
        What ``f`` computes in, whatever it is given; samples are rounded to it.

    Returns
    -------
    Estimate
        Value and bar of each output entry, float64, per unit of the tangent.
    """

    def rounded(moved: Array) -> Array:
        return f(moved.astype(dtype).astype(np.float64))

    sample = f if dtype == "float64" else rounded
    with np.errstate(all="ignore"):  # samples may leave the domain of f: their bar is infinite
        centre = np.array(sample(x), np.float64)
        shape = centre.shape
        above, below = np.empty((2, COUNT, *shape))
        for row, (up, down) in enumerate(_arguments(x, tangent)):
            np.subtract(sample(up), centre, out=above[row, ...])
            np.subtract(sample(down), centre, out=below[row, ...])
        reach = _reach(x, tangent, pointwise and shape == x.shape, centre.size)
        value, bar = np.empty((2, centre.size))
        above, below = above.reshape(COUNT, -1), below.reshape(COUNT, -1)
        size = np.abs(centre).ravel()
        for begin in range(0, centre.size, BLOCK):
            part = slice(begin, begin + BLOCK)
            value[part], bar[part] = _settle(
                above[:, part], below[:, part], size[part], reach[part], dtype
            )
    return Estimate(value.reshape(shape), bar.reshape(shape))


def _arguments(x: Array, tangent: Array) -> Iterator[tuple[Array, Array]]:
    """Yield the places on either side of x at each distance, several at once where x is small."""
    rows = max(BLOCK // max(x.size, 1), 1)
    for begin in range(0, COUNT, rows):
        moves = np.multiply.outer(DISTANCES[begin : begin + rows], tangent)
        yield from zip(x + moves, x - moves, strict=True)


def _reach(x: Array, tangent: Array, pointwise: bool, outputs: int) -> Array:
    """Return the magnitude of what moves, in units of how far it moves, for each output entry."""
    moves = tangent != 0
    ratio = np.abs(x[moves]) / np.abs(tangent[moves])
    if not pointwise:
        return np.full(outputs, np.max(ratio, initial=0.0))
    reach = np.zeros(x.shape)
    reach[moves] = ratio
    return reach.ravel()


def _settle(
    above: Array, below: Array, size: Array, reach: Array, dtype: str
) -> tuple[Array, Array]:
    """Return value and bar of some entries."""
    value, bar = _best(DISTANCES, above, below, size, reach, dtype)
    if above[0].all() and below[0].all():
        return value, bar
    still = np.cumprod((above == 0) | (below == 0), axis=0).sum(axis=0)
    stair = (still > 0) & np.any(above != 0, axis=0) & np.any(below != 0, axis=0)
    for run in np.unique(still[stair]):
        where = stair & (still == run)
        skip = min(int(run), len(DISTANCES) - WIDTH)
        moving, its = _best(
            DISTANCES[skip:], above[skip:, where], below[skip:, where],
            size[where], reach[where], dtype,
        )  # fmt: skip
        bar[where] = np.maximum(bar[where], np.abs(moving - value[where]) + its)
    return value, bar


def _best(
    distances: Array, above: Array, below: Array, size: Array, reach: Array, dtype: str
) -> tuple[Array, Array]:
    """Return value and bar of the stencil with the smallest bar; cover those that contradict it."""
    values, bars = _bars(distances, above, below, size, reach, dtype)
    np.copyto(bars, np.inf, where=np.isnan(bars))
    best, entry = bars.argmin(axis=0), np.arange(bars.shape[1])
    value, bar = values[best, entry], bars[best, entry]
    values -= value
    gap = np.abs(values, out=values)
    against = gap > bars + bar
    if against.any():
        finer = np.arange(len(gap))[:, None] < best
        moved = gap * distances[WIDTH - 1 + STRIDE * best]
        against &= finer | (moved <= INNER * standstill(size, dtype))
        gap += bars
        bar = np.maximum(bar, np.where(against, gap, 0.0).max(axis=0))
    return value, bar


def _bars(
    distances: Array, above: Array, below: Array, size: Array, reach: Array, dtype: str
) -> tuple[Array, Array]:
    """Return the value of every stencil with its bar, finest first."""
    farthest = np.abs(above)
    np.maximum(farthest, np.abs(below), out=farthest)
    running(np.maximum, farthest)  # infinite from the first sample on that is not finite
    if not np.isfinite(farthest[-1]).all():
        above, below = (np.where(np.isfinite(side), side, 0.0) for side in (above, below))
    said = stencils(above, below, distances)
    h, u = distances[: 1 - WIDTH : STRIDE, None], unit_roundoff(dtype)
    bar = noise.bound(above, below, dtype)
    bar *= rounding_weight()
    largest = farthest[WIDTH - 1 :: STRIDE]
    largest += size
    largest *= 2 * u
    # Functions may flush what lies below the smallest normal number to zero.
    largest += smallest(dtype)
    bar += largest
    bar *= 1 / h
    bar += said.truncation
    bar += singular_factor() * said.residual
    # Half a unit of the argument, over how far it moved: where that is all, no slope is seen.
    share = reach * (2 * u / h)
    share += 2 * u * RATIO ** (WIDTH - 1)
    part = share / (1 - share)
    if not (share[0] < 1).all():
        part = np.where(share < 1, part, np.inf)
    part *= np.abs(said.value)
    bar += part
    return said.value, bar
