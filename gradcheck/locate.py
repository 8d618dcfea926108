"""Locate: which gradient is wrong, at which entry, and what the three columns say there."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import exact
from gradcheck.bounds import EXACT, Bound, ulps
from gradcheck.contraction import contract, to_integers
from gradcheck.discrepancy import Discrepancy
from gradcheck.finding import Failure
from gradcheck.lattice import Lattice

if TYPE_CHECKING:
    from gradcheck.layer import Array
    from gradcheck.spec import Multilinear
    from gradcheck.trial import Trial

ENTRIES = 512
"""Entries that are looked at one by one; in larger arrays the oracle says where to look."""


def failure(trial: Trial, lattice: Lattice, form: Multilinear, found: exact.Probe) -> Failure:
    """Turn a probe that does not hold into a failure that names a gradient and an entry."""
    if not trial.explain:
        return trial.failure("differences", "", "backward disagrees with exact differences")
    for name in lattice.tangent:
        entry = _worst_entry(trial, lattice, form, found, name)
        if entry is not None:
            count = entry[1]
            message = (
                f"the gradient for {name} is wrong: {count} of "
                f"{found.gradients[name].size} entries disagree with exact differences"
            )
            return trial.failure("differences", name, message, entry[0])
    message = "backward disagrees with exact differences along a line through all inputs"
    joint = Discrepancy(
        wrt="all inputs", index=(), backward=found.backward, differences=found.differences,
        autograd=None, bound=found.bound,
    )  # fmt: skip
    return trial.failure("differences", "", message, joint)


def _worst_entry(
    trial: Trial, lattice: Lattice, form: Multilinear, found: exact.Probe, name: str
) -> tuple[Discrepancy, int] | None:
    """Move one entry at a time by a lattice step; return the worst entry and the number wrong."""
    gradient = found.gradients[name].astype(np.float64)
    autograd = _autograd(trial, lattice, name)
    worst, wrong = None, 0
    for flat in _candidates(gradient, autograd):
        index = tuple(int(i) for i in np.unravel_index(flat, gradient.shape))
        difference = _entry(trial, lattice, name, index)
        slack = found.bound_of[name]
        if found.bound is not EXACT:
            slack += _difference_error(trial, lattice, form)
        apart = abs(gradient[index] - difference)
        if apart <= slack:
            continue
        wrong += 1
        if worst is None or apart > worst.size:
            worst = Discrepancy(
                wrt=name, index=index, backward=float(gradient[index]), differences=difference,
                autograd=None if autograd is None else float(autograd[index]),
                bound=EXACT if slack == 0 else Bound(slack, found.bound.reason),
                ulps=ulps(float(apart), float(difference), trial.case.dtype),
            )  # fmt: skip
    return None if worst is None else (worst, wrong)


def _candidates(gradient: Array, autograd: Array | None) -> Array:
    if gradient.size <= ENTRIES or autograd is None:
        return np.arange(gradient.size)
    return np.argsort(-np.abs(gradient - autograd), axis=None)[:ENTRIES]


def _entry(trial: Trial, lattice: Lattice, name: str, index: tuple[int, ...]) -> float:
    """Return ``u . df/d(entry)`` from the central difference at one tangent step of that entry."""
    step = int(np.max(np.abs(lattice.tangent[name]), initial=1)) or 1
    tangent = {n: np.zeros_like(t) for n, t in lattice.tangent.items()}
    tangent[name][index] = step
    line = replace(lattice, tangent=tangent)
    up, down = (
        trial.pull({n: line.at(t, trial.case.dtype).get(n) for n in trial.layer.inputs})[0]
        for t in (1, -1)
    )
    return _half_contraction(lattice, up, down, step) * 2.0 ** -lattice.exponents[name]


def _half_contraction(lattice: Lattice, up: Array, down: Array, step: int) -> float:
    """Return ``u . (up - down) / (2 step)``, rounded once where both lie on the lattice."""
    exponents = lattice.exponents
    above, below = (to_integers(side, exponents["output"]) for side in (up, down))
    if above is None or below is None:
        u = lattice.floats("float64")
        return 0.5 * float(np.vdot(u, up.astype(np.float64) - down)) / step
    # The sum is longer than a mantissa, and a rounded one divided by the step is another number.
    total = Fraction(contract(lattice.cotangent, above - below), 2 * step)
    return float(total) * 2.0 ** (exponents["output"] + exponents["cotangent"])


def _difference_error(trial: Trial, lattice: Lattice, form: Multilinear) -> float:
    """Return the rounding of an entry's difference: two outputs, over the step."""
    counts, coefficient = trial.counts, form.coefficient(trial.case)
    error = exact.entry_error(lattice, form, counts["output"], coefficient, trial.case.dtype)
    steps = [
        max(int(np.max(np.abs(t), initial=1)), 1) * 2.0 ** lattice.exponents[n]
        for n, t in lattice.tangent.items()
    ]
    return float(np.sum(np.abs(lattice.floats("float64")))) * error / min(steps)


def _autograd(trial: Trial, lattice: Lattice, name: str) -> Array | None:
    inputs = {n: lattice.at(0, "float64").get(n) for n in trial.layer.inputs}
    answer = trial.ask(inputs, lattice.floats("float64"))
    return None if answer is None else answer[1].get(name)
