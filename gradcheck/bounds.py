r"""Bounds: how far apart two numbers may be, each derived, each with its reason.

The only module that holds a number deciding between right and wrong. Notation: :math:`u` is the
unit roundoff of a dtype (half its epsilon) and :math:`\gamma_n = (1 - u)^{-n} - 1` bounds the
relative error of :math:`n` roundings in a row, factors and divisors alike. (Higham, *Accuracy and
Stability of Numerical Algorithms*, 2nd ed., lemma 3.1, bounds that by :math:`nu / (1 - nu)` where
:math:`nu < 1`; sums in half precision are longer.) A sum of :math:`n` products, added in any order,
is off by at most :math:`\gamma_n \sum |\text{products}|` (equation 3.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck.layer import Array

FEWEST_VALUES = 5
"""A probe whose tangent takes fewer values misses too often to be called one."""

MISS_PROBABILITY = 1e-6
"""What a probe's chance of missing a wrong gradient must not exceed for one probe to do."""

WEAKEST_SIGHT = 1e-6
"""A pass needs sight of every entry above this share of its array's largest ..."""

MOST_ASIDE = 1 / 4
"""A pass speaks for what it saw: at most this share of an array may lie too near a kink."""

TOO_MANY = 700.0
"""Logarithm of a growth, :math:`10^{304}`, that float64 still holds."""

ARITHMETIC = 3
"""Roundings beside those of the sum: a constant, its product, a division."""

FUNCTION_ULPS = 4
"""Units in the last place that an elementary function and its few operations may cost ..."""

CONDITION_ULPS = 2
"""... and those that each unit of condition :math:`k = |x f'(x) / f(x)|` adds to them."""

SCALE_ULPS = 16
"""Units in the last place of the layer's scale that a backward loses by recomputing from it.

A derivative written as a difference of quantities of the layer's scale (:math:`1 - y^2`,
:math:`f(1 - f)`) carries a few roundings of that scale; below it relative digits are lost, which
is a note, not an error.
"""

NUDGE = 2.0**-20
"""Relative change of the inputs by which the oracle's condition is measured.

Its truncation, of order ``NUDGE**2``, and its rounding, of order ``2**-53 / NUDGE``, are both far
below the condition's own weight in a bound.
"""

SHRINK = 1 / 8
"""Relative change of the inputs over which a constant derivative shows no change.

Not ``NUDGE``: a function that saturates is flat to the last bit over so little, and its terms, as
:math:`x (1 - t^2)`, still cancel.
"""


@dataclass(frozen=True)
class Bound:
    """How far apart two numbers may be, and why.

    Attributes
    ----------
    value : float
        Largest admissible absolute difference.
    reason : str
        The derivation in a phrase.
    """

    value: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"value": self.value, "reason": self.reason}


EXACT = Bound(0.0, "nothing rounds on the lattice")


def unit_roundoff(dtype: str) -> float:
    """Return :math:`u`, half the distance from 1 to the next number of the dtype."""
    return 2.0 ** -mantissa_bits(dtype)


def mantissa_bits(dtype: str) -> int:
    """Return the bits within which integers are exact: 53, 24, 11 or 8."""
    return {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}[dtype]


def coarse_buffer(dtype: str) -> float:
    """Return the least relative error that numbers show which passed a buffer of the next dtype.

    Rounded to it they are off by up to its :math:`u`, evenly spread; but for one in 64, each is off
    by more than a 64th of that. In half precision rounding itself hides it: 0.
    """
    return {"float64": 2.0**-30, "float32": 2.0**-17, "float16": 0.0, "bfloat16": 0.0}[dtype]


def smallest(dtype: str) -> float:
    """Return the smallest normal number: below it the spacing no longer shrinks."""
    return 2.0 ** {"float64": -1022, "float32": -126, "float16": -14, "bfloat16": -126}[dtype]


def half_of_largest(dtype: str) -> float:
    """Return half the largest number: from below it no value with a right digit overflows."""
    return 2.0 ** {"float64": 1023, "float32": 127, "float16": 15, "bfloat16": 127}[dtype]


def weakest_sight(dtype: str) -> float:
    """Return the power that a pass needs: `WEAKEST_SIGHT`, and at least half the dtype's digits.

    Honest rounding alone hides more than `WEAKEST_SIGHT` from every check of a float32 gradient.
    """
    half: float = unit_roundoff(dtype) ** 0.5
    return max(WEAKEST_SIGHT, half)


def gamma(n: int, dtype: str) -> float:
    """Return :math:`(1 - u)^{-n} - 1`, which bounds :math:`n` roundings however many they are.

    Beyond ``TOO_MANY`` it stays what it is: nothing is told from rounding there, and nothing of it
    is left where there is nothing to round.
    """
    return math.expm1(min(-n * math.log1p(-unit_roundoff(dtype)), TOO_MANY))


def reduction(count: int, degree: int, dtype: str, *, sides: int = 1) -> float:
    """Return the relative error of a sum of ``count`` products of ``degree`` factors.

    Relative to the sum of the products' magnitudes. ``sides`` counts how many of the two numbers
    compared were rounded in this dtype.
    """
    return sides * gamma(count + degree + ARITHMETIC, dtype)


def function_error(value: Array, condition: Array, dtype: str) -> Array:
    r"""Return the error of an elementary function: :math:`(4 + 2k)` units in the last place.

    Parameters
    ----------
    value : Array
        :math:`f(x)`.
    condition : Array
        :math:`|x f'(x)|`, the change that a relative change of ``x`` makes.
    dtype : str
        Dtype in which the layer evaluates.
    """
    ulp = 2 * unit_roundoff(dtype)
    # Small by small first: nothing overflows.
    error = (ulp * FUNCTION_ULPS) * abs(value) + (ulp * CONDITION_ULPS) * abs(condition)
    # Underflow: code may flush what lies below the smallest normal number to zero.
    floored: Array = error + smallest(dtype)
    return floored


def standstill(size: Array, dtype: str) -> Array:
    r"""Return what inner numbers of unit size, or the output's, hide by standing still: one ULP.

    Near :math:`p = 1` the numbers of :math:`p \log p` do not move while :math:`p` moves by less,
    and the rest of a sum moves on.
    """
    import numpy as np

    hidden: Array = 2 * unit_roundoff(dtype) * np.maximum(np.abs(size), 1.0)
    return hidden


TOLD = 2.0**-20
"""Distance of a layer's output from the oracle's, relative to it, below which its conventions count
as told. Nothing is judged by it: conventions differ by whole entries, and the checks come after."""


def noise_factor(freedom: int) -> float:
    r"""Return how many estimated deviations a rounding may be off, but for `MISS_PROBABILITY`.

    With :math:`s^2` a mean of :math:`\nu` squares, :math:`P(|e| > qs) \le E\,e^{-q^2s^2/2} =
    (1 + q^2/\nu)^{-\nu/2}`, since :math:`\nu s^2` follows :math:`\chi^2_\nu`: Student's tail.

    Parameters
    ----------
    freedom : int
        :math:`\nu`, the independent numbers that the estimate rests on.
    """
    tail: float = MISS_PROBABILITY ** (-2 / freedom) - 1
    factor: float = (freedom * tail) ** 0.5
    return factor


def scale_error(scale: float, dtype: str) -> float:
    """Return what a backward may lose by cancellation at the layer's scale."""
    return SCALE_ULPS * 2 * unit_roundoff(dtype) * scale


def ulps(difference: float, reference: float, dtype: str) -> float:
    """Return a difference in units in the last place of the reference, in the dtype.

    From one power of two to the next numbers lie :math:`2u` of the first apart.

    >>> ulps(2.0**-51, 1.5, "float64")
    2.0
    """
    _, exponent = math.frexp(max(abs(reference), smallest(dtype)))
    return abs(difference) / unit_roundoff(dtype) * 2.0**-exponent
