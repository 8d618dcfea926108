"""Points: full-mantissa data of a case, off its kinks, with how far each entry may move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import mantissa_bits
from gradcheck.lattice import place
from gradcheck.spec import Bent, Multilinear

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array
    from gradcheck.spec import Kinks, Spec

UNIT, WIDE = 3, {"float64": 11, "float32": 11, "float16": 7, "bfloat16": 11}
"""Exponents of the range: entries of plain data stay below 8, of wide data below 2048.

In float16 a product of two such entries would overflow; below 128 none does.
"""

OCTAVES = 12
"""Wide data spreads over so many powers of two below its range."""


@dataclass(frozen=True)
class Point:
    """Inputs in the case's dtype, with the length that each entry may safely move by.

    ``inputs`` holds None for an absent input; ``reach`` holds the present ones only.
    """

    inputs: Mapping[str, Array | None]
    reach: Mapping[str, Array]


def draw_point(spec: Spec | None, case: Case, rng: np.random.Generator) -> Point:
    """Draw the inputs of a case, or take those that were given with it."""
    if case.given is not None:
        return _given(case)
    assert spec is not None  # a case that gives no inputs comes from a spec
    inputs: dict[str, Array | None] = {}
    reach: dict[str, Array] = {}
    bits = mantissa_bits(case.dtype)
    for name in spec.inputs:
        if case.shapes.get(name) is None:
            inputs[name] = None
            continue
        integers, free = place(spec.kinks, case, name, 1 << bits, rng)
        exponent = _exponents(spec, case, integers.shape, rng) - bits
        # In float64 first: of bfloat16 NumPy's ldexp makes float32.
        drawn = np.ldexp(integers.astype(np.float64), exponent).astype(case.dtype, copy=False)
        if spec.kinks is None:
            inputs[name], reach[name] = drawn, np.ones(drawn.shape)
            continue
        limit = np.ldexp(float(free), exponent)
        inputs[name], room = _cleared(spec.kinks, case, drawn)
        reach[name] = np.minimum(np.minimum(np.broadcast_to(limit, room.shape), room), 1.0)
    return Point(inputs, reach)


def _cleared(kinks: Kinks, case: Case, x: Array) -> tuple[Array, Array]:
    """Move entries off kinks that stay where they are; return how far each may move."""
    if isinstance(kinks, Bent):
        return kinks.clear(case, x)
    return x, np.full(x.shape, np.inf)


def _exponents(
    spec: Spec, case: Case, shape: tuple[int, ...], rng: np.random.Generator
) -> Array | int:
    """Return the exponent of each entry's range, or that of all."""
    if case.data == "wide":
        return WIDE[case.dtype] - rng.integers(0, OCTAVES, shape, endpoint=True)
    return 0 if isinstance(spec.form, Multilinear) else UNIT


def _given(case: Case) -> Point:
    """Take the caller's inputs; an entry may move by its own size, or by the typical one."""
    assert case.given is not None
    present = {name: array for name, array in case.given.items() if array is not None}
    reach = {}
    for name, array in present.items():
        reach[name] = np.minimum(np.maximum(np.abs(array.astype(np.float64)), typical(array)), 1.0)
    return Point(dict(case.given), reach)


def typical(array: Array) -> float:
    """Return the typical magnitude of an entry: the median of those that are not 0, else 1."""
    size = np.abs(array.astype(np.float64))
    return float(np.median(size[size > 0])) if np.any(size > 0) else 1.0
