"""The normal distribution: its density f, and the tail T to the right of x.

    f(x) = exp(-x^2 / 2) / sqrt(2 pi)
    T(x) = integral of f from x to infinity = exp(-x^2 / 2) R(x)

R falls slowly, from 1/2 at 0 to 1 / (x sqrt(2 pi)), and one quotient of polynomials follows it to
where T is 0. Their coefficients are positive, so nothing cancels. `benchmarks/_fit_normal.py` finds
them: the relative error is 1e-18 in float64. In narrower dtypes it is 4e-8, and up to x^2 / 4 times
that further out, where T changes by x^2 units in the last place when x changes by one.

Both polynomials are one product of matrices, coefficients times powers of x. It takes a third of
the time of Horner's rule, of which each step is two calls of NumPy. As in any such product the last
bit of an entry may hang on how many others there are.

Mills, Table of the ratio, 1926; Abramowitz and Stegun, 26.2.
"""

from __future__ import annotations

from functools import cache
from math import pi, sqrt
from typing import Any

import numpy as np

from ._types import Array

WIDE = np.array(
    (
        (
            0.0, 0.94244585052691842141, 29.319485139077555179, 447.81185333270455464,
            4367.8075642849980984, 29916.156354996702229, 149771.86838106407839,
            554351.24184195356288, 1499868.300208877651, 2851874.683725163341,
            3473471.4655015065513, 2097152.0,
        ),
        (
            2.362361416238923507, 73.49305044735508806, 1124.8602146821101964,
            11021.962990061910581, 76106.45648124068989, 386223.88506653902525,
            1462319.7783792263397, 4113873.2620142433399, 8399205.8740592010471,
            11819632.734596645566, 10293513.335916715065, 4194304.0,
        ),
    )
)  # fmt: skip
NARROW = np.array(
    (
        (
            0.92224667166016206818, 26631.212274165196244, 209776.55522856890979,
            682510.84417560627569, 1048576.0,
        ),
        (
            66852.392676219678274, 524090.86555277648174, 1795232.6475030192225,
            3038303.6049515494761, 2097152.0,
        ),
    )
)  # fmt: skip
"""Numerator and denominator, for float64 and for narrower dtypes. The highest power is first: for
small x the first terms are small, and a sum that begins with small terms rounds less."""


def tail(x: Array) -> tuple[Array, Array]:
    """Return T(|x|) and f(x)."""
    powers = _powers(x.reshape(-1))
    f = powers[-3] * -0.5
    np.exp(f, out=f)
    t = _quotient(powers)
    t *= f
    f *= 1 / sqrt(2 * pi)
    return t.reshape(x.shape), f.reshape(x.shape)


def scaled_tail(x: Array) -> Array:
    """Return R(x) for x from 0 on, to the last digits: beyond 1 by powers of 1 / x."""
    near, far = np.minimum(x, 1).reshape(-1), 1 / np.maximum(x, 1).reshape(-1)
    inside = x.reshape(-1) < 1
    ratio = np.where(inside, _quotient(_powers(near)), _quotient(_powers(far), turn=-1))
    return ratio.reshape(x.shape)


def _quotient(powers: Array, turn: int = 1) -> Array:
    above, below = _coefficients(powers.dtype)[:, ::turn] @ powers
    above /= below
    return np.asarray(above)


def _powers(x: Array) -> Array:
    """Return ..., |x|^2, |x|, 1, one power a row."""
    rows = np.empty((_coefficients(x.dtype).shape[1], x.size), x.dtype)
    power = rows[::-1]
    power[0] = 1
    np.abs(x, out=power[1])
    for n in range(2, len(power)):
        np.multiply(power[n // 2], power[n - n // 2], out=power[n])
    return rows


@cache
def _coefficients(dtype: np.dtype[Any]) -> Array:
    return (WIDE if dtype.itemsize > 4 else NARROW).astype(dtype)
