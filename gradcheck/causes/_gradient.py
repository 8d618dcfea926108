"""The true gradient, spoilt: zero, scaled, flipped, shifted, transposed, with a part left out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.causes._scene import Hypothesis

if TYPE_CHECKING:
    from gradcheck.causes._scene import Scene
    from gradcheck.layer import Array

FEWEST = 3
"""Entries that it takes to tell a factor: any two numbers are nearly in some ratio."""

LARGEST = 4096
"""Largest denominator of a factor that is written as a fraction."""


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Yield each way in which the true gradient may have been spoilt."""
    true, slack = scene.truth()
    yield Hypothesis("it is zero everywhere", np.zeros_like(true), slack)
    yield from _scaled(scene, true, slack)
    if scene.cotangent.shape == true.shape:
        text = "it is the cotangent itself: the derivative is missing"
        yield Hypothesis(text, scene.cotangent, slack)
    yield from _part(scene, true, slack)
    yield from _moved(true, slack)


def _scaled(scene: Scene, true: Array, slack: Array) -> Iterator[Hypothesis]:
    if np.any(true):
        yield Hypothesis("its sign is wrong", -true, slack)
    if np.count_nonzero(true) < FEWEST:
        return
    for meaning, size in _meanings(scene):
        if size > 1:
            yield Hypothesis(f"it is divided by {meaning}", true / size, slack)
            text = f"it is multiplied by {meaning}, or not divided by it"
            yield Hypothesis(text, true * size, slack * size)
    unit = true / np.max(np.abs(true))  # squares of numbers in a tail would underflow
    factor = float(np.vdot(unit, scene.backward)) / float(np.vdot(unit, true))
    if not isfinite(factor):
        return
    simple = Fraction(factor).limit_denominator(LARGEST)
    near = simple != 0 and abs(float(simple) / factor - 1) * LARGEST**2 < 1
    said = simple if near else format(factor, ".9g")
    text = f"it is {said} times the right one"
    yield Hypothesis(text, factor * true, max(abs(factor), 1.0) * slack)


def _meanings(scene: Scene) -> Iterator[tuple[str, int]]:
    """Yield the sizes that layers divide by, with their names."""
    case = scene.trial.case
    if x := case.shapes.get("x"):
        yield "the batch size", x[0]
    if "kernel_size" in case.config:
        yield "the kernel's area", int(np.prod(case.config["kernel_size"]))
    for name, shape in case.shapes.items():
        for axis, extent in enumerate(shape or ()):
            yield f"the extent of axis {axis} of {name}", extent
        if shape is not None:
            yield f"the number of positions of {name}", int(np.prod(shape[2:]))
            yield f"the number of entries of {name}", int(np.prod(shape))


def _part(scene: Scene, true: Array, slack: Array) -> Iterator[Hypothesis]:
    """Leave a part of the entries zero, and say which."""
    wrong = np.abs(scene.backward - true) > slack
    if not wrong.any() or np.any(scene.backward[wrong]):
        return
    place = _place(wrong) or "a part of its entries"
    yield Hypothesis(f"{place} is left zero", np.where(wrong, 0.0, true), slack)


def _place(wrong: Array) -> str:
    """Say which slices hold all that is wrong and nothing that is right."""
    for axis in range(wrong.ndim):
        others = tuple(a for a in range(wrong.ndim) if a != axis)
        if np.array_equal(wrong.all(axis=others), wrong.any(axis=others)) and wrong.shape[axis] > 1:
            indices = np.flatnonzero(wrong.any(axis=others)).tolist()
            return f"index {', '.join(map(str, indices))} of axis {axis}"
    return ""


def _moved(true: Array, slack: Array) -> Iterator[Hypothesis]:
    long = [axis for axis in range(true.ndim) if true.shape[axis] > 1]
    for count in range(1, len(long) + 1):
        for axes in combinations(long, count):
            text = f"it is flipped along {_axes(axes)}"
            yield Hypothesis(text, np.flip(true, axes), np.flip(slack, axes))
    for one, other in combinations(long, 2):
        if true.shape[one] == true.shape[other]:
            text = f"axes {one} and {other} are swapped"
            yield Hypothesis(text, true.swapaxes(one, other), slack.swapaxes(one, other))
    for axis in (axis for axis in long if true.shape[axis] > 2):  # of two, a shift is a flip
        for by in (1, -1):
            text = f"it is shifted by {by} along axis {axis}"
            yield Hypothesis(text, np.roll(true, by, axis), np.roll(slack, by, axis))


def _axes(axes: tuple[int, ...]) -> str:
    return f"axis {axes[0]}" if len(axes) == 1 else f"axes {', '.join(map(str, axes))}"
