r"""Exact contraction: :math:`\sum_i a_i b_i` of integers, with no rounding and no wrapping.

A floating dot product would round the error away; an int64 one could wrap it away. Products are
split into limbs so short that int64 provably holds every partial sum, and the limbs are put
together in Python's integers.

Whether two contractions are equal can be told for less: two integers that agree modulo
:math:`2^{64}` and differ by less than :math:`2^{64}` are equal. The first is what unsigned words
say, the second what floating sums say together with their rounding bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import gamma

if TYPE_CHECKING:
    from gradcheck.layer import Array

WORD = 62
"""Bits of an int64 that a sum may fill, sign apart."""

MODULUS = 2.0**64
"""What a word's arithmetic is modulo."""

SHORTEST_LIMB = 16
"""Bits of a limb where the other factor is itself too long: that one is split in turn."""


def to_integers(values: Array, exponent: int) -> Array | None:
    """Return ``values / 2**exponent`` as int64 if every one is an integer, else None.

    Never a bare cast: a cast truncates the very error that is looked for. Integers beyond int64
    come back as Python's, in an object array.
    """
    scaled = np.ldexp(values.astype(np.float64, copy=False), -exponent)
    if not np.all(np.rint(scaled) == scaled):  # also refuses NaN
        return None
    largest = float(np.max(np.abs(scaled), initial=0.0))
    if largest < 2.0**WORD:
        return scaled.astype(np.int64)
    if not np.isfinite(largest):
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
    bits_a, bits_b, bits_n = _bits(a), _bits(b), max(1, a.size).bit_length()
    if bits_a + bits_b + bits_n <= WORD:
        return int(np.dot(a, b))
    if bits_a < bits_b:
        a, b, bits_a, bits_b = b, a, bits_b, bits_a
    limb = max(WORD - bits_b - bits_n, SHORTEST_LIMB)
    shifts = range(0, bits_a, limb)
    # Low limbs are non-negative, the highest keeps the sign: two's complement, shifted down.
    parts = a >> np.array(shifts)[:, None]
    parts[:-1] &= (1 << limb) - 1
    if limb + bits_b + bits_n <= WORD:
        sums = (parts @ b).tolist()
    else:
        sums = [contract(b, part) for part in parts]
    return sum(part << shift for part, shift in zip(sums, shifts, strict=True))


def equal(a: Array, b: Array, c: Array, d: Array) -> bool:
    r"""Return whether :math:`\sum_i a_i b_i = \sum_i c_i d_i`, for flat integer arrays.

    >>> big = np.array([2**62, 3])
    >>> equal(big, np.array([4, 0]), np.array([0]), np.array([1]))  # equal modulo 2**64 only
    False
    """
    if any(array.dtype == object for array in (a, b, c, d)):
        return contract(a, b) == contract(c, d)
    if _modulo(a, b) != _modulo(c, d):
        return False
    left, left_error = _approximately(a, b)
    right, right_error = _approximately(c, d)
    # The last subtraction rounds as well: by less than the gap that this leaves.
    if abs(left - right) + left_error + right_error < MODULUS / 2:
        return True
    return contract(a, b) == contract(c, d)


def _modulo(a: Array, b: Array) -> int:
    return int(a.view(np.uint64) @ b.view(np.uint64))


def _approximately(a: Array, b: Array) -> tuple[float, float]:
    """Return the sum in float64 and what it may be off: two conversions, n products and sums."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    return float(x @ y), gamma(a.size + 2, "float64") * float(np.abs(x) @ np.abs(y))


def _bits(values: Array) -> int:
    return int(np.abs(values).max(initial=0)).bit_length()
