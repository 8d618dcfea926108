r"""Exact contraction: :math:`\sum_i a_i b_i` of integers, with no rounding and no wrapping.

A floating dot product would round the error away; an int64 one could wrap it away. Together they
tell: a word knows the sum modulo :math:`2^{64}`, a float knows it to within

.. math:: \gamma_{n+2} \sum_i |a_i b_i| \le \gamma_{n+2} \|a\|_2 \|b\|_2

(two conversions, n products, n - 1 sums; Cauchy and Schwarz), and where that is below
:math:`2^{63}` one integer alone agrees with both. Where it is not, the longer factor is split into
a high and a low half, and Python's integers put the halves together.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import gamma

if TYPE_CHECKING:
    from gradcheck.layer import Array

WORD = 62
"""Bits of an int64 that a sum may fill, sign apart."""

HALF = WORD // 2
"""Bits of the lower half."""

MODULUS = 2**64
"""What a word's arithmetic is modulo."""

BLOCK = 8192
"""Products summed at once: they stay in the cache, and short sums seldom need halves."""


def to_integers(values: Array, exponent: int) -> Array | None:
    """Return ``values / 2**exponent`` as int64 if every one is an integer, else None.

    Never a bare cast: a cast truncates the very error that is looked for. Integers beyond int64
    come back as Python's, in an object array.
    """
    scaled = values.astype(np.float64, copy=False)
    if exponent:
        scaled = scaled * 2.0**-exponent
    if not (np.rint(scaled) == scaled).all():
        return None
    if _within_a_word(scaled):
        return scaled.astype(np.int64)
    if not np.isfinite(scaled).all():
        return None
    return np.array([int(v) for v in scaled.ravel()], dtype=object).reshape(scaled.shape)


def contract(a: Array, b: Array) -> int:
    """Return the exact sum of products of two integer arrays of one shape.

    >>> contract(np.array([2**52, 3]), np.array([2**52, -5])) == 2**104 - 15
    True
    """
    a, b = a.ravel(), b.ravel()
    if a.dtype == object or b.dtype == object:
        return sum(int(p) * int(q) for p, q in zip(a.tolist(), b.tolist(), strict=True))
    blocks = range(0, a.size, BLOCK)
    return sum(_contract(a[i : i + BLOCK], b[i : i + BLOCK]) for i in blocks)


def _contract(a: Array, b: Array) -> int:
    x, y = a.astype(np.float64), b.astype(np.float64)
    squares = float(x @ x), float(y @ y)
    # The root of squares that are rounded themselves, so twice the bound, and a bit to spare.
    if 2 * gamma(a.size + 2, "float64") * math.sqrt(squares[0] * squares[1]) < 2**WORD:
        return _nearest(int(a.view(np.uint64) @ b.view(np.uint64)), int(x @ y))
    longer, other = (a, b) if squares[0] > squares[1] else (b, a)
    high, low = longer >> HALF, longer & ((1 << HALF) - 1)
    return (_contract(high, other) << HALF) + _contract(low, other)


def _nearest(residue: int, near: int) -> int:
    """Return the integer of this residue, modulo `MODULUS`, that is nearest to another."""
    return near + (residue - near + MODULUS // 2) % MODULUS - MODULUS // 2


def _within_a_word(whole: Array) -> bool:
    """Tell whether all of some whole numbers have `WORD` bits at most."""
    flat = whole.ravel()
    # No entry is larger than the root of the sum of squares, which is the quicker to have.
    return float(flat @ flat) < 4.0**WORD or bool((np.abs(flat) < 2.0**WORD).all())
