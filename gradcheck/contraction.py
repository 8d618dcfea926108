r"""Exact contraction: :math:`\sum_i a_i b_i` of integers, with no rounding and no wrapping.

A floating dot product would round the error away; an int64 one could wrap it away. Products are
split into limbs so short that int64 provably holds every partial sum, and the limbs are put
together in Python's integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array

WORD = 62
"""Bits of an int64 that a sum may fill, sign apart."""

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


def _bits(values: Array) -> int:
    return int(np.abs(values).max(initial=0)).bit_length()
