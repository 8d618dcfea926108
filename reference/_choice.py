"""Choice between two arrays without branches.

The processor guesses which way a branch goes, and guesses wrong half of the time where that follows
random signs: `numpy.where` then takes ten times as long as a product. With the bits of x and y read
as integers, ^ their exclusive or, and c = 1 where the condition holds and 0 elsewhere,

    y ^ c (x ^ y) = x or y,

bit by bit, infinity and NaN included. Warren, Hacker's Delight, section 2-20 (exchanging under a
mask).
"""

from __future__ import annotations

import numpy as np

from ._types import Array, Flags

INTEGERS = {2: np.int16, 4: np.int32, 8: np.int64}


def choose(condition: Flags, x: Array | float, y: Array | float) -> Array:
    """Return x where the condition holds, y elsewhere, in the dtype that they have together."""
    dtype = np.result_type(x, y)
    bits = INTEGERS.get(dtype.itemsize)
    if bits is None:  # extended precision
        return np.asarray(np.where(condition, x, y))
    a, b = (np.asarray(either, dtype).view(bits) for either in (x, y))
    chosen = np.multiply(a ^ b, condition)
    chosen ^= b
    return np.asarray(chosen).view(dtype)
