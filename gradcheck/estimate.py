"""Estimate: a finite-difference value with its error bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.layer import Array


@dataclass(frozen=True)
class Estimate:
    """Directional derivatives of every output entry, each with the bar it is sure to lie in.

    Attributes
    ----------
    value : Array
        The estimate, of the output's shape, float64.
    bar : Array
        Half-width: the truth lies within ``value +- bar``.
    """

    value: Array
    bar: Array
