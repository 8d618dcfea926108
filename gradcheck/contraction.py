r"""Exact contraction: :math:`\sum_i a_i b_i` of integers, with no rounding and no wrapping.

A floating dot product would round the error away; an int64 one could wrap it away. Together they
tell: a word knows the sum modulo :math:`2^{64}`, a float knows it to within its rounding bound, and
where that is below :math:`2^{63}` one integer alone agrees with both. One factor is split into
limbs so short that it is, and the limbs are put together in Python's integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import mantissa_bits

if TYPE_CHECKING:
    from gradcheck.layer import Array

WORD = 62
"""Bits of an int64 that a sum may fill, sign apart."""

MODULUS = 2**64
"""What a word's arithmetic is modulo."""

SHORTEST_LIMB = 8
"""Bits of a limb where the other factor is itself too long: that one is split in turn."""


BLOCK = 8192
"""Products summed at once: they stay in the cache, and short sums need few limbs."""


def to_integers(values: Array, exponent: int) -> Array | None:
    """Return ``values / 2**exponent`` as int64 if every one is an integer, else None.

    Never a bare cast: a cast truncates the very error that is looked for. Integers beyond int64
    come back as Python's, in an object array.
    """
    scaled = values.astype(np.float64, copy=False)
    if exponent:
        scaled = scaled * 2.0**-exponent
    with np.errstate(invalid="ignore"):
        whole = scaled.astype(np.int64)
    # What is no integer, is not finite or is beyond a word does not come back the same.
    if (whole == scaled).all() and _bits(whole) <= WORD:
        return whole
    if not (np.isfinite(scaled).all() and (np.rint(scaled) == scaled).all()):
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
    bits_a, bits_b, bits_n = _bits(a), _bits(b), max(1, a.size).bit_length()
    if bits_a + bits_b + bits_n <= WORD:
        return int(np.dot(a, b))
    if bits_a < bits_b:
        a, b, bits_a, bits_b = b, a, bits_b, bits_a
    # Two conversions, n products and n sums round, each by half a unit: below 2^WORD together.
    limb = WORD + mantissa_bits("float64") - bits_b - 2 * bits_n - 2
    if limb < SHORTEST_LIMB:
        return _split(b, a, bits_b // 2)
    total, words, floats = 0, b.view(np.uint64), b.astype(np.float64)
    for shift in range(0, bits_a, limb):
        # Low limbs are non-negative, the highest keeps the sign: two's complement, shifted down.
        part = a >> shift if shift else a
        if shift + limb < bits_a:
            part = part & ((1 << limb) - 1)
        near = int(part.astype(np.float64) @ floats)
        total += _nearest(int(part.view(np.uint64) @ words), near) << shift
    return total


def _split(a: Array, b: Array, bits: int) -> int:
    high, low = a >> bits, a & ((1 << bits) - 1)
    return (_contract(high, b) << bits) + _contract(low, b)


def _nearest(residue: int, near: int) -> int:
    """Return the integer of this residue, modulo `MODULUS`, that is nearest to another."""
    return near + (residue - near + MODULUS // 2) % MODULUS - MODULUS // 2


def _bits(values: Array) -> int:
    """Return the bits of the largest magnitude."""
    return max(int(values.max(initial=0)), -int(values.min(initial=0))).bit_length()
