"""The error function and its complement, over the whole range of floats.

    erf(x)  = 2 / sqrt(pi)  integral of exp(-t^2) from 0 to x,        erfc(x) = 1 - erf(x)

erfc is the tail of the normal distribution, 2 T(x sqrt(2)), which `_normal` follows to where it is
0. Near 0 erf is its Taylor series.

Abramowitz and Stegun, 7.1.5 (the series) and 26.2.29 (the tail); Cody, Rational Chebyshev
approximations for the error function, 1969 (the split of the square).
"""

from __future__ import annotations

from math import factorial, pi, sqrt

import numpy as np

from ._normal import scaled_tail
from ._types import Array

LAST = 28.0
"""From here on erfc is 0 in every dtype."""

NEAR = 0.5
"""Below this, in magnitude, erf is its series."""

SERIES = tuple(2 / sqrt(pi) * (-1) ** n / (factorial(n) * (2 * n + 1)) for n in range(13))
"""erf(x) / x in powers of x^2: the next term is below 1e-19 at `NEAR`."""


def erf(x: Array) -> Array:
    """Return the error function."""
    wide = x.astype(np.float64)
    near = np.clip(wide, -NEAR, NEAR)
    far = np.copysign(1 - erfc(np.abs(wide)), wide)
    y = np.where(np.abs(wide) < NEAR, near * _polynomial(SERIES, near * near), far)
    return y.astype(x.dtype)


def erfc(x: Array) -> Array:
    """Return the complement of the error function."""
    wide = x.astype(np.float64)
    size = np.minimum(np.abs(wide), LAST)
    # The square of a number of few digits is exact. A rounding of the whole square would be as
    # large, relative to its exp, as the square is.
    short = np.round(size * 1024) / 1024
    bell = np.exp(-short * short) * np.exp((short - size) * (short + size))
    tail = 2 * bell * scaled_tail(sqrt(2) * size)
    return np.where(wide < 0, 2 - tail, tail).astype(x.dtype)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Return the sum of c_n x^n, by Horner's rule."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total *= x
        total += coefficient
    return total
