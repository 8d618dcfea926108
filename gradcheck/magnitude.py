"""Magnitude: what reordering the sums of a case may change, from its data alone."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, scale

if TYPE_CHECKING:
    from gradcheck.layer import Array, Inputs
    from gradcheck.spec import Multilinear
    from gradcheck.trial import Trial

SIDES = 3
"""Numbers compared, each rounded on its own: two parts and their sum at most."""


def rounding(trial: Trial, name: str, inputs: Inputs, cotangent: Array) -> float:
    """Return how far apart two evaluations of one entry may be.

    The result itself may have cancelled, so its own size says nothing: the products do.

    Parameters
    ----------
    trial : Trial
        Case and spec.
    name : str
        ``"output"`` or an input whose gradient is meant.
    inputs, cotangent
        Where the layer was evaluated.
    """
    sizes = {n: _largest(a) for n, a in inputs.items() if a is not None}
    u = _largest(cotangent)
    form, dtype = trial.linear_form, trial.case.dtype
    if form is None:
        length = cotangent.size + sum(a.size for a in inputs.values() if a is not None)
        longest = max([1.0, *sizes.values()]) * max(u, 1.0)
        largest = max(longest, steepest(trial, name, u))
        return bounds.reduction(length, 2, dtype, sides=SIDES) * largest
    count = trial.counts[name]
    product = _product(form, name, sizes) * (1.0 if name == "output" else u)
    coefficient = max(form.coefficient(trial.case), 1.0)
    return bounds.reduction(count, form.degree, dtype, sides=SIDES) * count * coefficient * product


def steepest(trial: Trial, name: str, u: float) -> float:
    """Return the size of what is added up, or cancels, where the layer is steep."""
    found = scale.of(trial)
    return found.value if name == "output" else u * found.slopes.get(name, 0.0)


def _product(form: Multilinear, name: str, sizes: dict[str, float]) -> float:
    """Return the largest product of the factors beside ``name``, over the terms it stands in."""
    terms = [t for t in form.terms if sizes.keys() >= set(t) and (name == "output" or name in t)]
    return max(prod(sizes[n] for n in term if n != name) for term in terms)


def _largest(array: Array) -> float:
    return float(np.abs(array).max(initial=0.0))
