"""Find the quotients of polynomials in `reference/_normal.py`, and their errors.

R(x) = T(x) exp(x^2 / 2) is fitted in relative least squares, and exactly at 0, where it is 1/2.
Each sweep is weighted with the denominator of the one before (Sanathanan and Koerner, 1963), and
with the errors that it left (Lawson, 1961), so that the greatest error becomes small. The nodes are
Chebyshev's in (x - 4) / (x + 4), dense where the function bends.

For float64 the fit is as good everywhere. For float32 it may be worse in the tail, where T itself
changes by x^2 units in the last place when x changes by one.

    python benchmarks/_fit_normal.py
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp

MIDDLE, SWEEPS = 4, 40
FITS: tuple[tuple[int, int, float, int, Callable[[Any], Any]], ...] = (
    (10, 11, 39.6, 22, lambda _: mp.mpf(1)),
    (4, 4, 14.4, 21, lambda x: 1 + max(mp.mpf(0), x * x - 2) / 4),
)
"""Degrees of numerator and denominator, the end, the denominator at 0 as a power of two, so that no
coefficient is small, and what an error may grow with."""


def ratio(x: Any) -> Any:
    return mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2)) / 2


def nodes(count: int, last: float) -> list[Any]:
    end = mp.mpf(last - MIDDLE) / (last + MIDDLE)
    angles = [mp.pi * (i + mp.mpf(1) / 2) / count for i in range(count)]
    places = [(end - 1) / 2 - (end + 1) / 2 * mp.cos(angle) for angle in angles]
    return [MIDDLE * (1 + t) / (1 - t) for t in places]


def errors(quotient: tuple[list[Any], list[Any]], xs: list[Any], allowed: Any) -> list[Any]:
    """Return relative errors, as shares of what is allowed."""
    above, below = (polynomial[::-1] for polynomial in quotient)
    return [
        abs(mp.polyval(above, x) / mp.polyval(below, x) / ratio(x) - 1) / allowed(x) for x in xs
    ]


def fit(above: int, below: int, last: float, allowed: Any) -> tuple[list[Any], list[Any]]:
    """Return the coefficients, lowest power first; the denominator's begin with 1."""
    xs = nodes(6 * (above + below), last)
    values, blame, weights = [ratio(x) for x in xs], [mp.mpf(1)] * len(xs), [mp.mpf(1)] * len(xs)
    best, least = ([mp.mpf(1)], [mp.mpf(1)]), mp.inf
    for _ in range(SWEEPS):
        rows, right = mp.matrix(len(xs), above + below), mp.matrix(len(xs), 1)
        for i, (x, f) in enumerate(zip(xs, values, strict=True)):
            scale = mp.sqrt(blame[i]) / (weights[i] * allowed(x))
            for n in range(above):
                rows[i, n] = scale * x ** (n + 1) / f
            for n in range(below):
                rows[i, above + n] = -scale * x ** (n + 1)
            right[i] = scale * (1 - 1 / (2 * f))
        found = list(mp.lu_solve(rows.T * rows, rows.T * right))
        quotient = [mp.mpf(1) / 2, *found[:above]], [mp.mpf(1), *found[above:]]
        weights = [mp.polyval(quotient[1][::-1], x) for x in xs]
        left = errors(quotient, xs, allowed)
        if max(left) < least:
            best, least = quotient, max(left)
        blame = [b * error for b, error in zip(blame, left, strict=True)]
        blame = [max(b * len(xs) / sum(blame), mp.mpf(10) ** -8) for b in blame]
    return best


if __name__ == "__main__":
    mp.mp.dps = 50
    for above, below, last, power, allowed in FITS:
        quotient = fit(above, below, last, allowed)
        worst = max(errors(quotient, nodes(1000, last), allowed))
        print(f"degrees {above} and {below}: relative error {mp.nstr(worst, 2)}")
        for coefficients in quotient:
            print("   ", ", ".join(mp.nstr(2**power * c, 20) for c in coefficients))
