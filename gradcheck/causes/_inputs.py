"""The inputs, spoilt: the gradient that is right for a flipped kernel, or at -x."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.causes._scene import Hypothesis, Unseen

if TYPE_CHECKING:
    from gradcheck.causes._scene import Scene
    from gradcheck.layer import Array

SPATIAL = 2
"""Axes before those of an image or a kernel: samples or outputs, and channels."""


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Yield the true gradient at other values of one input."""
    for name in scene.trial.inputs:
        array = scene.trial.point.inputs[name]
        assert array is not None  # only present inputs are listed
        for text, spoilt in (*_any(name, array), *_kernel(scene, name, array)):
            if not np.array_equal(spoilt, array):
                try:
                    block = scene.elsewhere({name: spoilt})
                except Unseen:
                    continue
                yield Hypothesis(text, *scene.pulled(block, scene.cotangent))


def _any(name: str, array: Array) -> Iterator[tuple[str, Array]]:
    yield f"it is the gradient at -{name}", -array
    yield f"it is the gradient at 2 {name}", 2 * array


def _kernel(scene: Scene, name: str, array: Array) -> Iterator[tuple[str, Array]]:
    if name == scene.name or array.ndim < SPATIAL:
        return
    spatial = tuple(axis for axis in range(SPATIAL, array.ndim) if array.shape[axis] > 1)
    if spatial:
        text = "the kernel is not rotated by 180 degrees"
        yield (text if name == "weight" else f"{name} is flipped"), np.flip(array, spatial)
    for axis in spatial if len(spatial) > 1 else ():
        yield f"{name} is flipped along axis {axis}", np.flip(array, axis)
    for one, other in combinations(range(array.ndim), 2):
        if array.shape[one] == array.shape[other] > 1:
            yield f"axes {one} and {other} of {name} are swapped", array.swapaxes(one, other)
    groups = scene.trial.case.config.get("groups", 1)
    if groups > 1 and len(array) % groups == 0:
        mixed = array.reshape(groups, -1, *array.shape[1:]).swapaxes(0, 1).reshape(array.shape)
        yield f"the groups of {name} are interleaved", mixed
