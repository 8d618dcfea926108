"""The cotangent, spoilt: ignored, truncated, rounded, of one sample alone, with an edge dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.causes._scene import Hypothesis

if TYPE_CHECKING:
    from gradcheck.causes._scene import Scene
    from gradcheck.layer import Array

SPATIAL = 2
"""Axes before those of an image: samples and channels."""


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Yield the true gradient for each way in which the cotangent may have been spoilt."""
    for text, cotangent in _spoilt(scene.cotangent):
        if not np.array_equal(cotangent, scene.cotangent):
            yield Hypothesis(text, *scene.truth(cotangent))


def _spoilt(u: Array) -> Iterator[tuple[str, Array]]:
    yield "the cotangent is ignored: it is the gradient for ones", np.ones_like(u)
    yield "the cotangent is truncated to integers", np.trunc(u)
    for dtype in ("float32", "float16"):
        yield f"the cotangent is rounded to {dtype}", u.astype(dtype).astype(u.dtype)
    if u.ndim and len(u) > 1:
        yield "only the last sample of the batch counts", _kept(u, 0, lambda n: [n - 1])
        yield "only the first sample of the batch counts", _kept(u, 0, lambda n: [0])
    for axis in range(1, u.ndim):
        last = _kept(u, axis, lambda n: list(range(n - 1)))
        yield f"the last index of the cotangent's axis {axis} is dropped", last
        first = _kept(u, axis, lambda n: list(range(1, n)))
        yield f"the first index of the cotangent's axis {axis} is dropped", first
    for one, other in combinations(range(SPATIAL, u.ndim), 2):
        if u.shape[one] == u.shape[other]:
            yield f"the cotangent's axes {one} and {other} are swapped", u.swapaxes(one, other)


def _kept(u: Array, axis: int, which: Callable[[int], list[int]]) -> Array:
    """Return the cotangent with nothing but some indices of an axis."""
    mask = np.zeros(u.shape[axis])
    mask[which(u.shape[axis])] = 1
    return u * mask.reshape([-1 if a == axis else 1 for a in range(u.ndim)])
