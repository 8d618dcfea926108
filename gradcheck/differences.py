r"""Certified regime: directional differences, each with an error bar that covers.

Eight symmetric samples :math:`f(x \pm k h v)`, :math:`k = 1, \dots, 4`, give central differences of
orders 2, 4, 6 and 8 at once (Fornberg, *Generation of Finite Difference Formulas on Arbitrarily
Spaced Grids*, 1988). For each step :math:`h` of a short ladder the bar is the sum of

- truncation: the difference of the two highest orders;
- rounding: :math:`2u\,(\max|f| + \max|x|\,|D|) / h`, since the output's magnitude alone hides what
  cancelled inside the layer;
- kinks: the largest of several residuals. A polynomial of low degree has vanishing sixth, seventh
  and eighth differences; a kink inside the reach has not. Symmetric stencils alone are confidently
  wrong at a kink (at :math:`|x|` in 0 they answer 0). `kink_factor` is how wrong order 8 can be at
  a kink, in units of the residuals that it leaves: they vanish at different places, never all;
- noise: the same residuals at the finest steps, where a smooth function leaves none, show what
  the layer loses inside, at every step. Equal steps may all be rounded alike, :math:`(x + c) - c`
  by a number of quanta that is nearly whole, so samples at unequal ones are taken as well.

The step with the smallest bar wins, entry by entry, and its bar grows by what the other steps, each
trusted within its own bar, disagree with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from math import comb, prod
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import smallest, unit_roundoff
from gradcheck.estimate import Estimate

if TYPE_CHECKING:
    from gradcheck.layer import Array

REACH = 4
"""Samples on each side."""

CENTRAL = {
    2: (1 / 2, 0, 0, 0),
    4: (2 / 3, -1 / 12, 0, 0),
    6: (3 / 4, -3 / 20, 1 / 60, 0),
    8: (4 / 5, -1 / 5, 4 / 105, -1 / 280),
}
"""Weights of ``f(kh) - f(-kh)`` for k = 1..4, by order."""

LADDERS = {
    "float64": (-3, -6, -9, -12, -15, -18),
    "float32": (-3, -4, -5, -6, -8, -10),
    "float16": (-3, -4, -5, -6),
}
"""Exponents of the steps, coarse to fine, in units of the tangent, by what the layer computes in.

Order 8 is best near :math:`u^{1/9}`: where digits are few the fine steps have none.
"""

QUIET = 2
"""Finest steps whose residuals are taken for noise."""


DEVIATIONS = 7
"""Standard deviations of noise that a bar allows for."""

GOLDEN = (5**0.5 - 1) / 2
"""The number that is hardest to approximate by fractions."""

UNEQUAL = tuple(k + (k * GOLDEN) % 1 - 0.5 for k in range(-REACH, REACH + 1))
"""Nodes near the integers, of which no few are in a simple ratio."""


def directional(
    f: Callable[[Array], Array], x: Array, tangent: Array, dtype: str = "float64"
) -> tuple[Estimate, Array]:
    """Estimate the derivative of every entry of ``f`` along a tangent.

    Parameters
    ----------
    f : callable
        From a float64 array of the shape of ``x`` to a float64 array.
    x, tangent : Array
        Point and direction, float64. Entries of the tangent are the natural length of their entry
        of ``x``: nothing much should happen to ``f`` within an eighth of it.
    dtype : str
        What the layer computes in, whatever it is given.

    Returns
    -------
    Estimate
        Value and bar of each output entry.
    Array
        The tangent that was used: the one given, rounded so that every sample lies on a float
        exactly and no sample's argument is rounded.
    """
    ladder = LADDERS[dtype]
    base, used, grid = representable(x, tangent, ladder, dtype)
    centre = f(base).astype(np.float64, copy=False)
    steps = [2.0**exponent for exponent in ladder]
    candidates = [_at_step(f, base, used, centre, h, dtype) for h in steps]
    noise = np.max([residual for _, _, residual in candidates[-QUIET:]], axis=0)
    noise = np.maximum(noise, _unequal(f, base, used * steps[-1], grid))
    values = np.array([value for value, _, _ in candidates])
    bars = np.array(
        [
            bar + np.maximum(kink_factor() * residual, noise_factor() * noise) / h
            for h, (_, bar, residual) in zip(steps, candidates, strict=True)
        ]
    )
    return _settle(values, bars, steps), used


def representable(
    x: Array, tangent: Array, ladder: tuple[int, ...], dtype: str
) -> tuple[Array, Array, Array]:
    """Put point and finest step on the grid that the farthest sample needs, and return that."""
    coarse, fine = 2.0 ** ladder[0], 2.0 ** ladder[-1]
    farthest = np.abs(x) + (REACH + 1) * coarse * np.abs(tangent)
    grid = np.spacing(farthest.astype(dtype)).astype(np.float64)
    step = np.rint(tangent * fine / grid) * grid
    step = np.where((step == 0) & (tangent != 0), np.copysign(grid, tangent), step)
    return np.rint(x / grid) * grid, step / fine, grid


def _unequal(f: Callable[[Array], Array], x: Array, step: Array, grid: Array) -> Array:
    """Return the largest residual of samples at unequal distances, all within the finest reach."""
    samples = [
        f(x + np.rint(node * step / grid) * grid).astype(np.float64, copy=False) for node in UNEQUAL
    ]
    rows = [np.tensordot(weights, np.stack(samples[i : i + len(weights)]), 1)
            for i, weights in unequal_weights()]  # fmt: skip
    largest: Array = np.max(np.abs(rows), axis=0)
    return largest


def _at_step(
    f: Callable[[Array], Array], x: Array, tangent: Array, centre: Array, h: float, dtype: str
) -> tuple[Array, Array, Array]:
    """Return the order-8 difference, its truncation and rounding, and its largest residual."""
    forward = [f(x + k * h * tangent).astype(np.float64, copy=False) for k in range(1, REACH + 1)]
    backward = [f(x - k * h * tangent).astype(np.float64, copy=False) for k in range(1, REACH + 1)]
    odd = [up - down for up, down in zip(forward, backward, strict=True)]
    orders = [np.tensordot(weights, odd, 1) / h for weights in CENTRAL.values()]
    samples = [*backward[::-1], centre, *forward]
    size = np.max(np.abs(samples), axis=0)
    reach = float(np.max(np.abs(x), initial=0.0))
    # Below the smallest normal number digits are lost that no magnitude tells of.
    lost = size + reach * np.abs(orders[-1]) + smallest(dtype) / unit_roundoff(dtype)
    rounding = 2 * unit_roundoff(dtype) * lost / h
    truncation = np.abs(orders[-1] - orders[-2])
    residual = np.max([np.abs(r) for r in _residuals(samples)], axis=0)
    return orders[-1], truncation + rounding, residual


def _settle(values: Array, bars: Array, steps: list[float]) -> Estimate:
    """Take the step with the smallest bar and widen it by what the others say against it."""
    bars = np.where(np.isfinite(bars) & np.isfinite(values), bars, np.inf)
    values = np.where(np.isfinite(bars), values, 0.0)
    best = np.argmin(bars, axis=0)
    value = np.take_along_axis(values, best[None], axis=0)[0]
    bar = np.take_along_axis(bars, best[None], axis=0)[0]
    against = np.maximum(np.abs(values - value) - bars, 0.0)
    bar = bar + np.max(against, axis=0)
    return Estimate(value, bar, steps[int(np.median(best))] if best.size else 0.0)


def _residuals(samples: list[Array]) -> list[Array]:
    """Return the sixth, seventh and eighth differences of nine samples: three, two and one."""
    row = samples
    rows = []
    for _ in range(2 * REACH):
        row = [b - a for a, b in pairwise(row)]
        rows.append(row)
    return [difference for row in rows[5:] for difference in row]


@cache
def unequal_weights() -> tuple[tuple[int, tuple[float, ...]], ...]:
    r"""Return weights of the sixth to eighth differences at unequal nodes, with where they begin.

    The divided difference of order :math:`m` has weights
    :math:`1 / \prod_{j \ne k} (t_k - t_j)`. Scaled so that their magnitudes add to :math:`2^m`, as
    the binomials do, it passes noise on as the :math:`m`-th difference does.
    """
    rows = []
    for order in range(6, 2 * REACH + 1):
        for first in range(2 * REACH + 1 - order):
            nodes = UNEQUAL[first : first + order + 1]
            weights = [1 / prod(t - other for other in nodes if other != t) for t in nodes]
            size = 2**order / sum(map(abs, weights))
            rows.append((first, tuple(size * weight for weight in weights)))
    return tuple(rows)


@cache
def noise_factor() -> float:
    r"""Return how wrong order 8 may be for noise, over the largest residual that the noise leaves.

    Independent errors of size :math:`\sigma` give order 8 an error of
    :math:`\sigma \sqrt{2 \sum w_k^2} / h` and an eighth difference
    :math:`\sigma \sqrt{\binom{16}{8}}`. The largest of a dozen residuals falls below half of its
    size about once in a thousand times, and then the deviations allowed for are half as many.
    """
    spread = (2 * sum(w * w for w in CENTRAL[8])) ** 0.5
    return float(DEVIATIONS * spread / comb(4 * REACH, 2 * REACH) ** 0.5)


@cache
def kink_factor() -> float:
    r"""Return how wrong order 8 can be at a kink, over the largest residual the kink leaves.

    For :math:`(t - \tau)_+` both are piecewise linear in :math:`\tau`, so the ratio is largest at
    an integer :math:`\tau`, at a zero of a residual, or where two residuals are equal; a grid of
    1/1024 comes within a factor that doubling the result covers. Both one-sided derivatives count
    as the truth at :math:`\tau = 0`.
    """
    tau = np.arange(-REACH * 1024, REACH * 1024 + 1) / 1024
    nodes = np.arange(-REACH, REACH + 1.0)
    samples = [np.maximum(node - tau, 0) for node in nodes]
    odd = [samples[REACH + k] - samples[REACH - k] for k in range(1, REACH + 1)]
    order8 = sum(w * o for w, o in zip(CENTRAL[8], odd, strict=True))
    wrong = np.where(tau > 0, np.abs(order8), np.abs(order8 - 1))
    wrong = np.where(tau == 0, np.maximum(np.abs(order8), np.abs(order8 - 1)), wrong)
    seen = np.max([np.abs(r) for r in _residuals(samples)], axis=0)
    inside = np.abs(tau) < REACH
    return 2 * float(np.max(wrong[inside] / seen[inside]))
