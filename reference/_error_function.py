"""The error function and its complement, over the whole range of floats.

    erf(x)  = 2 / sqrt(pi)  integral of exp(-t^2) from 0 to x,        erfc(x) = 1 - erf(x)

Scaled by exp(x^2), erfc falls slowly from 1 to 1 / (x sqrt(pi)), and one quotient of polynomials
follows it from 0 to where erfc is 0 in float64. All their coefficients are positive, so nothing
cancels. `benchmarks/_fit_erfc.py` finds them: relative errors are 1.1e-18 and, with fewer terms,
4.4e-10, below a rounding of float64 and of float32. Near 0 erf is its Taylor series.

Abramowitz and Stegun, 7.1.5 (the series) and 7.1.23 (the tail); Cody, Rational Chebyshev
approximations for the error function, 1969 (the scaling and the split of the square).
"""

from __future__ import annotations

from math import factorial, pi, sqrt

import numpy as np

from ._types import Array

LAST = 28.0
"""From here on erfc is 0 in every dtype."""

LONG = (
    (
        70060.439856202796966, 164001.82518255204754, 190318.43970581130722,
        141471.72624147562765, 73902.351671477248913, 28219.133292385857545,
        7965.9252062892079705, 1643.5388736584060158, 238.09844749531794968,
        22.024377027063433757, 1.0,
    ),
    (
        70060.43985620279691, 243056.56595383943062, 394517.96529769638432, 396284.17388867920382,
        274352.9494764892678, 137839.32864566566847, 51454.141444880903089, 14329.357828883480623,
        2932.6154018956454232, 422.90473707814761165, 39.03719187548004282, 1.7724538509051136048,
    ),
)  # fmt: skip
SHORT = (
    (
        78.964483433357299175, 118.59274762248048842, 85.895658022055674991,
        35.977493650349368843, 8.7018660683581495982, 1.0,
    ),
    (
        78.964483462198054745, 207.69462207176063775, 241.28953204444915495,
        159.94963664777115091, 64.655141304390159223, 15.423641613458411287,
        1.7724540321477340111,
    ),
)  # fmt: skip
"""Numerator and denominator, lowest power first, for float64 and for narrower dtypes."""

NEAR = 0.5
"""Below this, in magnitude, erf is its series."""

SWITCH = 4.0
"""Beyond this erfc is a quotient of polynomials in 1 / x."""

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
    near, far = np.minimum(size, SWITCH), 1 / np.maximum(size, SWITCH)
    tail = bell * np.where(size < SWITCH, scaled_erfc(near), _far(far))
    return np.where(wide < 0, 2 - tail, tail).astype(x.dtype)


def scaled_erfc(x: Array) -> Array:
    """Return exp(x^2) erfc(x), for x from 0 to `LAST`, to a few roundings for each power."""
    above, below = LONG if x.itemsize > 4 else SHORT
    wide = x if x.itemsize > 2 else x.astype(np.float32)  # powers of x overflow in float16
    return (_polynomial(above, wide) / _polynomial(below, wide)).astype(x.dtype)


def _far(inverse: Array) -> Array:
    """Return the same at 1 / x: both polynomials from the other end, where powers fade."""
    above, below = (coefficients[::-1] for coefficients in LONG)
    return inverse * _polynomial(above, inverse) / _polynomial(below, inverse)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Return the sum of c_n x^n, by Horner's rule."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total *= x
        total += coefficient
    return total
