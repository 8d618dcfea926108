"""Blocks: a formula of large arrays, worked out so that intermediate results stay in the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._types import Array

BLOCK = 1 << 17
"""Bytes of an array in one block: a few such arrays fit a core's cache."""


def in_blocks(
    formula: Callable[..., Array], *arrays: NDArray[Any], out: Array | None = None
) -> Array:
    """Return an entry-by-entry formula of arrays of one shape, in the dtype of the first.

    Contiguous arrays are cut anywhere, others along their first axis, and the formula sees at least
    one axis. Half precision is worked out in float32, as NumPy does one operation at a time, and
    rounded once.
    """
    first = arrays[0]
    result = np.empty(first.shape, first.dtype) if out is None else out
    entries, rows = BLOCK // max(first.itemsize, 4), [*arrays, result]
    if all(array.flags.c_contiguous for array in rows):
        rows = [array.reshape(-1) for array in rows]
    length = max(1, entries * len(rows[0]) // max(first.size, 1))
    for begin in range(0, len(rows[0]), length):
        *parts, into = (array[begin : begin + length] for array in rows)
        into[...] = formula(*map(_widened, parts))
    return result


def _widened(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32) if array.dtype == np.float16 else array
