"""Alike: whether two arrays hold the same numbers, NaN being the same as NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array


def alike(a: Array, b: Array | None) -> bool:
    """Return whether two arrays have one shape and equal numbers, of whatever dtypes.

    Most that are asked about are equal to the last bit, and bytes are compared in a third of the
    time that numbers take.
    """
    if b is None or a.shape != b.shape:
        return False
    if a.dtype == b.dtype and a.tobytes() == b.tobytes():
        return True
    return np.array_equal(a, b) or np.array_equal(a, b, equal_nan=True)
