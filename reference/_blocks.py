"""Blocks: a formula of large arrays, worked out so that intermediate results stay in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

    Half precision is worked out in float32, as NumPy does one operation at a time, and rounded
    once.
    """
    result = np.empty(arrays[0].shape, arrays[0].dtype) if out is None else out
    for *parts, into in blocks(*arrays, result):
        into[...] = formula(*map(widened, parts))
    return result


def blocks(*arrays: NDArray[Any]) -> Iterator[list[NDArray[Any]]]:
    """Yield views of one block after the other, each with at least one axis.

    Contiguous arrays are cut anywhere, others along their first axis.
    """
    first = arrays[0]
    if all(array.flags.c_contiguous for array in arrays):
        arrays = tuple(array.reshape(-1) for array in arrays)
    entries = BLOCK // max(first.itemsize, 4)
    length = max(1, entries * len(arrays[0]) // max(first.size, 1))
    for begin in range(0, len(arrays[0]), length):
        yield [array[begin : begin + length] for array in arrays]


def widened(array: NDArray[Any]) -> NDArray[Any]:
    """Return half precision in float32."""
    return array.astype(np.float32) if array.dtype == np.float16 else array
