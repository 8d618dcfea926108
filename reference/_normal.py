"""The normal distribution: its density f, and the tail T to the right of x.

    f(x) = exp(-x^2 / 2) / sqrt(2 pi)
    T(x) = integral of f from x to infinity = f(x) M(x)

M, Mills' ratio, falls slowly from sqrt(pi / 2) at 0 to 1 / x, and one quotient of polynomials
follows it to where T is 0. All their coefficients are positive, so nothing cancels.
`benchmarks/_fit_normal.py` finds them: the relative error is 1e-18 in float64. In narrower dtypes
it is 4e-8, and up to x^2 / 4 times that further out, where T changes by x^2 units in the last place
when x changes by one.

Both polynomials are one product of matrices, coefficients times powers of x. It takes a third of
the time of Horner's rule, of which each step is two calls of NumPy.

Mills, Table of the ratio, 1926; Abramowitz and Stegun, 26.2.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from ._types import Array

WIDE = np.array(
    (
        (
            2216398.5256843609067, 3672087.1008311974042, 3015794.5598103359961,
            1586528.9779950830822, 586556.79320709139153, 158524.36795677027764,
            31675.753869421781034, 4626.5766150712090979, 474.56307510833993933,
            31.088210131274930787, 1.0, 0.0,
        ),
        (
            1768430.1642297845904, 4340904.7285735882036, 4985581.6985560528879,
            3543667.6513869130834, 1736111.3181321412163, 617293.40847836361528,
            163088.76865264502499, 32148.316929131094844, 4657.6648255486699855,
            475.56307510301130251, 31.088210131324801611, 0.9999999999997871842,
        ),
    )
)  # fmt: skip
NARROW = np.array(
    (
        (
            1167334.4532727330627, 761768.97570654044662, 234576.66259193254764,
            29880.515169162781878, 1.0,
        ),
        (
            931398.17329462868277, 1350949.7483771345011, 799389.65948802979338,
            233817.58083536810922, 29922.997700419461313,
        ),
    )
)  # fmt: skip
"""Numerator and denominator, lowest power first, for float64 and for narrower dtypes."""


def density(x: Array) -> Array:
    """Return f(x)."""
    f = np.square(x)
    f *= -0.5
    np.exp(f, out=f)
    f *= 1 / sqrt(2 * pi)
    return f


def mills(x: Array) -> Array:
    """Return M(|x|) = T(|x|) / f(x)."""
    quotient = (WIDE if x.itemsize > 4 else NARROW).astype(x.dtype)
    ratio, below = quotient @ _powers(x.reshape(-1), quotient.shape[1])
    ratio /= below
    return np.asarray(ratio.reshape(x.shape))


def _powers(x: Array, count: int) -> Array:
    """Return 1, |x|, |x|^2 ..., one power a row."""
    powers = np.empty((count, x.size), x.dtype)
    powers[0] = 1
    np.abs(x, out=powers[1])
    for n in range(2, count):
        np.multiply(powers[n // 2], powers[n - n // 2], out=powers[n])
    return powers
