"""Find the quotients of polynomials in `reference/_error_function.py`, and their errors.

exp(x^2) erfc(x) is fitted from 0 to 28 in relative least squares, each sweep weighted with the
denominator of the one before (Sanathanan and Koerner, 1963), on Chebyshev's nodes in
(x - 3) / (x + 3), which are dense where the function bends.

    python benchmarks/_fit_erfc.py
"""

from __future__ import annotations

from typing import Any

import mpmath as mp

LAST, MIDDLE, SWEEPS = 28, 3, 6
LENGTHS = ((10, 11, 90), (5, 6, 60))
"""Degree of numerator and denominator, and nodes."""


def scaled(x: Any) -> Any:
    return mp.exp(x * x) * mp.erfc(x)


def nodes(count: int) -> list[Any]:
    end = mp.mpf(LAST - MIDDLE) / (LAST + MIDDLE)
    angles = [mp.pi * (i + mp.mpf(1) / 2) / count for i in range(count)]
    places = [(end - 1) / 2 - (end + 1) / 2 * mp.cos(angle) for angle in angles]
    return [MIDDLE * (1 + t) / (1 - t) for t in places]


def fit(above: int, below: int, count: int) -> tuple[list[Any], list[Any]]:
    """Return the coefficients, lowest power first; the numerator's end with 1."""
    xs = nodes(count)
    values, weights = [scaled(x) for x in xs], [mp.mpf(1)] * count
    for _ in range(SWEEPS):
        rows, right = mp.matrix(count, above + below + 1), mp.matrix(count, 1)
        for i, (x, f, w) in enumerate(zip(xs, values, weights, strict=True)):
            for n in range(above + 1):
                rows[i, n] = x**n / (f * w)
            for n in range(1, below + 1):
                rows[i, above + n] = -(x**n) / w
            right[i] = 1 / w
        found = list(mp.lu_solve(rows.T * rows, rows.T * right))
        numerator, denominator = found[: above + 1], [mp.mpf(1), *found[above + 1 :]]
        weights = [mp.polyval(denominator[::-1], x) for x in xs]
    return [c / numerator[-1] for c in numerator], [c / numerator[-1] for c in denominator]


if __name__ == "__main__":
    mp.mp.dps = 50
    for above, below, count in LENGTHS:
        numerator, denominator = fit(above, below, count)
        worst = max(
            abs(mp.polyval(numerator[::-1], x) / mp.polyval(denominator[::-1], x) / scaled(x) - 1)
            for x in nodes(4 * count + 3)
        )
        print(f"degrees {above} and {below}: relative error {mp.nstr(worst, 2)}")
        for coefficients in (numerator, denominator):
            print("   ", ", ".join(mp.nstr(c, 20) for c in coefficients))
