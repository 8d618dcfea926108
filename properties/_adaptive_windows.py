"""Adaptive windows: the places of each, how much they hold and how many hold one place.

Along an axis of ``n`` places window ``o`` of ``out`` holds ``floor(o n / out)`` up to, not with,
``ceil((o + 1) n / out)``.
"""

from __future__ import annotations

from itertools import product
from math import lcm, prod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array


def adaptive(case: Case) -> Array:
    """Return the entries of each window (windows, entries): places in an image laid out flat.

    Windows that hold fewer entries than others are filled up with -1.
    """
    size = case.shape("x")[2:]
    boxes = [np.ix_(*box) for box in product(*_along_each(case))]
    flat = [np.ravel_multi_index(np.broadcast_arrays(*box), size).ravel() for box in boxes]
    windows = np.full((len(flat), max(map(len, flat))), -1)
    for window, places in zip(windows, flat, strict=True):
        window[: len(places)] = places
    return windows


def common(case: Case) -> int:
    """Return the least common multiple of how much the windows hold."""
    return lcm(*_held(case))


def largest_share(case: Case) -> float:
    """Return the largest weight that an entry has in a mean."""
    return 1 / min(_held(case))


def counts(case: Case) -> dict[str, int]:
    """Count the entries of a window, and the windows of an entry, at most."""
    windows = [np.concatenate(axis) for axis in _along_each(case)]
    return {"output": max(_held(case)), "x": prod(int(np.bincount(w).max()) for w in windows)}


def chosen(case: Case) -> dict[str, int]:
    """Count one entry of a window, which is its maximum, and the windows of an entry, at most."""
    return {**counts(case), "output": 1}


def _held(case: Case) -> set[int]:
    """Return how much windows hold, all that occur."""
    return {prod(map(len, box)) for box in product(*_along_each(case))}


def _along_each(case: Case) -> list[list[Array]]:
    """Return the places of each window along each axis."""
    pairs = zip(case.shape("x")[2:], case.config["output_size"], strict=True)
    return [
        [np.arange(o * n // out, ((o + 1) * n + out - 1) // out) for o in range(out)]
        for n, out in pairs
    ]
