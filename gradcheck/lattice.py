r"""Lattice: integers times dyadic units, of magnitudes at which nothing rounds.

For :math:`y = \sum_k c_k \prod_{i \in t_k} \text{input}_i` with at most :math:`K` products in an
entry of the output and :math:`K_i` in one of the gradient of input :math:`i`, inputs of
:math:`b_i` bits and a cotangent of :math:`c` bits, every sum in any order is an integer below
:math:`2^P` in units of the lattice, hence exact in a dtype of :math:`P` mantissa bits, if

.. math::

    \log_2 K + \sum_{i \in t} b_i \le P, \qquad
    c + \log_2 K_i + \sum_{j \in t \setminus i} b_j \le P .

The bits of an input cover :math:`|x| + 2|v|`, so the samples :math:`x \pm v, x \pm 2v` of the line
along the tangent :math:`v` do not round either.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import FEWEST_VALUES, mantissa_bits

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from gradcheck.case import Case, Shape
    from gradcheck.layer import Array
    from gradcheck.spec import Kinks, Multilinear, Spec

FRACTION = -4
"""Exponent of the fractional unit: truncation to integers cannot hide behind integers."""

SHARE = {"first": 0.75, "second": 0.25, "cotangent": 0.5, "none": 0.5}
"""Share of the bits of a product that its first factor gets, by the array that is wide."""

NARROW = 4
"""Bits at least that a skewed allocation leaves to an input."""


@dataclass(frozen=True)
class Budget:
    """Bits of each input and of the cotangent, all inside the mantissa."""

    inputs: Mapping[str, int]
    cotangent: int


@dataclass(frozen=True)
class Lattice:
    """A point, a tangent and a cotangent, as integers with the exponents of their units.

    Attributes
    ----------
    point, tangent : Mapping[str, Array]
        int64 arrays of the present inputs.
    cotangent : Array
        int64 array of the output's shape.
    exponents : Mapping[str, int]
        Unit of input ``i`` is ``2**exponents[i]``; that of the cotangent stands at
        ``"cotangent"``, that of the output at ``"output"``.
    reach : Mapping[str, int]
        How many steps an entry of each tangent may take, either way.
    step : int
        Integers from one value of a tangent or cotangent to the next.
    most : int
        No entry of the cotangent is larger.
    """

    point: Mapping[str, Array]
    tangent: Mapping[str, Array]
    cotangent: Array
    exponents: Mapping[str, int]
    reach: Mapping[str, int]
    step: int
    most: int

    @property
    def values(self) -> int:
        """Number of values that each entry of the tangent takes with equal probability."""
        return 2 * min(self.reach.values()) + 1

    def turned(self, rng: np.random.Generator) -> Lattice:
        """Return the same point and cotangent with another tangent, uniform and independent."""
        tangent = {
            name: integers(reach, self.point[name].shape, self.step, rng)
            for name, reach in self.reach.items()
        }
        return replace(self, tangent=tangent)

    def stretched(self, rng: np.random.Generator) -> Lattice:
        """Return another tangent, of which no entry is short: half its reach or more.

        Where equality cannot be had, an error in one entry shows by its size along the tangent.
        """
        tangent = {}
        for name, reach in self.reach.items():
            shape = self.point[name].shape
            far = rng.integers((reach + 1) // 2, reach, shape, endpoint=True)
            tangent[name] = far * rng.choice([-1, 1], shape) * self.step
        return replace(self, tangent=tangent)

    def in_sixteenths(self, form: Multilinear) -> Lattice:
        """Return the same integers in the fractional unit."""
        return replace(self, exponents=_exponents(form, frozenset(self.point), FRACTION))

    def at(self, step: int, dtype: str) -> dict[str, Array]:
        """Return the inputs at ``point + step * tangent``, exactly, in the dtype."""
        moved = self.point
        if step:
            moved = {name: x + step * self.tangent[name] for name, x in moved.items()}
        return {name: as_floats(x, self.exponents[name], dtype) for name, x in moved.items()}

    def line(self, x: Mapping[str, Array], steps: Sequence[int]) -> Iterator[dict[str, Array]]:
        """Yield the inputs at several steps from the point; inside the budget floats are exact."""
        v = {n: as_floats(a, self.exponents[n], x[n].dtype) for n, a in self.tangent.items()}
        for before, step in pairwise((0, *steps)):
            # From each to the next. A Python number takes the array's dtype.
            by = step - before
            x = {n: a + (v[n] if by == 1 else float(by) * v[n]) for n, a in x.items()}
            yield x

    def floats(self, dtype: str) -> Array:
        """Return the cotangent in the dtype."""
        return as_floats(self.cotangent, self.exponents["cotangent"], dtype)


def as_floats(integers: Array, exponent: int, dtype: DTypeLike) -> Array:
    """Return ``integers * 2**exponent``; exact inside the budget."""
    floats: Array = integers.astype(dtype)
    return np.ldexp(floats, exponent) if exponent else floats


def integers(most: int, shape: Shape, step: int, rng: np.random.Generator) -> Array:
    """Draw multiples of ``step`` up to ``most`` steps from 0 either way, all equally likely."""
    # NumPy computes the size of a tuple at leisure.
    drawn = rng.integers(-most, most, math.prod(shape), endpoint=True).reshape(shape)
    return drawn if step == 1 else drawn * step


def allocate(
    form: Multilinear, counts: Mapping[str, int], present: frozenset[str], dtype: str, wide: str
) -> Budget:
    """Share the mantissa out.

    Parameters
    ----------
    form : Multilinear
        The terms of the map.
    counts : Mapping[str, int]
        Products summed in an entry of the output and of each gradient.
    present : frozenset of str
        Inputs that are not absent.
    dtype : str
        Whose mantissa.
    wide : str
        Which array gets most of the bits, so that a narrow buffer for it shows: the ``"first"``
        factor of a product, the ``"second"``, the ``"cotangent"``, or ``"none"`` of them.
    """
    mantissa = mantissa_bits(dtype)
    terms = [term for term in form.terms if present.issuperset(term)]
    free = mantissa - _log2(counts["output"])
    if wide == "cotangent" and len(max(terms, key=len)) > 1:
        free -= free // 2
    bits: dict[str, int] = {}
    for term in sorted(terms, key=len, reverse=True):
        for name, part in zip(term, _parts(free, len(term), SHARE[wide]), strict=True):
            bits.setdefault(name, part)
    needed = [
        _log2(counts[name]) + sum(bits[other] for other in term if other != name)
        for term in terms
        for name in term
    ]
    return Budget(bits, mantissa - max(needed))


def draw(
    spec: Spec, form: Multilinear, case: Case, rng: np.random.Generator, *, fractional: bool
) -> Lattice | None:
    """Draw a point, a tangent and a cotangent on the lattice; None where the budget is too small.

    The integral draw is balanced, for the smallest miss probability. The fractional one stands in
    sixteenths and gives one array most of the bits, a different one from case to case.
    """
    counts = form.counts(case)
    present = frozenset(name for name in spec.inputs if case.shapes.get(name) is not None)
    wide = str(rng.choice(["second", "cotangent", "first"])) if fractional else "none"
    budget = allocate(form, counts, present, case.dtype, wide)
    divisor = form.divisor(case)
    point, reach = {}, {}
    for name in sorted(present):
        span = (1 << max(budget.inputs[name], 0)) // divisor
        placed, reach[name] = place(spec.kinks, case, name, span, rng)
        if 2 * reach[name] + 1 < FEWEST_VALUES:
            return None
        point[name] = placed * divisor if divisor > 1 else placed
    most = (1 << max(budget.cotangent, 0)) // divisor
    if 2 * most + 1 < FEWEST_VALUES:
        return None
    cotangent = integers(most, case.shape("output"), divisor, rng)
    unit = FRACTION if fractional else 0
    exponents = _exponents(form, present, unit)
    return Lattice(point, {}, cotangent, exponents, reach, divisor, most * divisor).turned(rng)


def place(
    kinks: Kinks | None, case: Case, name: str, span: int, rng: np.random.Generator
) -> tuple[Array, int]:
    """Draw integers for one input within the span, off every kink, with the reach left to move."""
    if kinks is not None:
        return kinks.place(case, name, span, rng)
    half, reach = span // 2, span // 4
    return integers(half, case.shape(name), 1, rng), reach


def _exponents(form: Multilinear, present: frozenset[str], unit: int) -> dict[str, int]:
    """Give every input the unit, and one that is a term of its own the unit of its product."""
    longest = max((t for t in form.terms if present.issuperset(t)), key=len)
    output = unit * len(longest)
    exponents = {name: unit if name in longest else output for name in present}
    return {**exponents, "output": output, "cotangent": unit}


def gradient_exponent(lattice: Lattice, name: str) -> int:
    """Return the exponent of the unit of the gradient of an input.

    The product of a gradient with its tangent is in units of cotangent times output.
    """
    exponents = lattice.exponents
    return exponents["cotangent"] + exponents["output"] - exponents[name]


def _parts(free: int, factors: int, share: float) -> list[int]:
    if factors == 1:
        return [free]
    first = min(max(round(free * share), NARROW), free - NARROW)
    return [first, *([(free - first) // (factors - 1)] * (factors - 1))]


def _log2(count: int) -> int:
    """Return the bits that a sum of ``count`` terms adds: the ceiling of the logarithm."""
    return max(count - 1, 0).bit_length()
