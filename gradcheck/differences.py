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
  the layer loses inside, at every step.

The step with the smallest bar wins, entry by entry, and its bar grows by what finer steps, each
trusted within its own bar, disagree with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import unit_roundoff
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

LADDER = (-3, -6, -9, -12, -15, -18)
"""Exponents of the steps, coarse to fine, in units of the tangent."""

QUIET = 2
"""Finest steps whose residuals are taken for noise."""


def directional(
    f: Callable[[Array], Array], x: Array, tangent: Array, ladder: tuple[int, ...] = LADDER
) -> tuple[Estimate, Array]:
    """Estimate the derivative of every entry of ``f`` along a tangent.

    Parameters
    ----------
    f : callable
        From a float64 array of the shape of ``x`` to a float64 array.
    x, tangent : Array
        Point and direction, float64. Entries of the tangent are the natural length of their entry
        of ``x``: nothing much should happen to ``f`` within an eighth of it.
    ladder : tuple of int
        Exponents of the steps.

    Returns
    -------
    Estimate
        Value and bar of each output entry.
    Array
        The tangent that was used: the one given, rounded so that every sample lies on a float
        exactly and no sample's argument is rounded.
    """
    base, used = _representable(x, tangent, ladder)
    centre = f(base).astype(np.float64, copy=False)
    steps = [2.0**exponent for exponent in ladder]
    candidates = [_at_step(f, base, used, centre, h) for h in steps]
    noise = np.max([residual for _, _, residual in candidates[-QUIET:]], axis=0)
    values = np.array([value for value, _, _ in candidates])
    bars = np.array(
        [
            bar + kink_factor() * np.maximum(residual, noise) / h
            for h, (_, bar, residual) in zip(steps, candidates, strict=True)
        ]
    )
    return _settle(values, bars, steps), used


def _representable(x: Array, tangent: Array, ladder: tuple[int, ...]) -> tuple[Array, Array]:
    """Put point and finest step on the grid that the farthest sample needs."""
    coarse, fine = 2.0 ** ladder[0], 2.0 ** ladder[-1]
    grid = np.spacing(np.abs(x) + REACH * coarse * np.abs(tangent))
    step = np.rint(tangent * fine / grid) * grid
    step = np.where((step == 0) & (tangent != 0), np.copysign(grid, tangent), step)
    return np.rint(x / grid) * grid, step / fine


def _at_step(
    f: Callable[[Array], Array], x: Array, tangent: Array, centre: Array, h: float
) -> tuple[Array, Array, Array]:
    """Return the order-8 difference, its truncation and rounding, and its largest residual."""
    forward = [f(x + k * h * tangent).astype(np.float64, copy=False) for k in range(1, REACH + 1)]
    backward = [f(x - k * h * tangent).astype(np.float64, copy=False) for k in range(1, REACH + 1)]
    odd = [up - down for up, down in zip(forward, backward, strict=True)]
    orders = [np.tensordot(weights, odd, 1) / h for weights in CENTRAL.values()]
    samples = [*backward[::-1], centre, *forward]
    size = np.max(np.abs(samples), axis=0)
    reach = float(np.max(np.abs(x), initial=0.0))
    rounding = 2 * unit_roundoff("float64") * (size / h + reach * np.abs(orders[-1]) / h)
    truncation = np.abs(orders[-1] - orders[-2])
    residual = np.max([np.abs(r) for r in _residuals(samples)], axis=0)
    return orders[-1], truncation + rounding, residual


def _settle(values: Array, bars: Array, steps: list[float]) -> Estimate:
    """Take the step with the smallest bar and widen it by what finer steps say against it."""
    bars = np.where(np.isfinite(bars) & np.isfinite(values), bars, np.inf)
    values = np.where(np.isfinite(bars), values, 0.0)
    best = np.argmin(bars, axis=0)
    value = np.take_along_axis(values, best[None], axis=0)[0]
    bar = np.take_along_axis(bars, best[None], axis=0)[0]
    finer = np.arange(len(steps)).reshape(-1, *([1] * value.ndim)) > best
    against = np.where(finer, np.abs(values - value) - bars, 0.0)
    bar = bar + np.maximum(np.max(against, axis=0), 0.0)
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
