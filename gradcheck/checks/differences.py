"""Differences: the backward against finite differences, exact where the form allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import exact, locate
from gradcheck.bounds import EXACT, MISS_PROBABILITY, Bound, gamma, ulps
from gradcheck.checks import certified, precision
from gradcheck.finding import Doubt, Evidence, Note
from gradcheck.lattice import Lattice, draw, gradient_exponent

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.spec import Multilinear
    from gradcheck.trial import Trial

MOST = 12
"""Tangents at one point, at most."""

DRAWS = {"integers": (False, MOST), "sixteenths": (True, 1)}
"""Both kinds of draws, fractional or not, with the probes that are enough at one point.

One fills the mantissa, the other has a fractional unit; the first carries the miss probability.
"""

TWICE = 2
"""Tangents along which a backward must disagree to have failed."""


def check(trial: Trial) -> Iterator[Finding]:
    """Take the exact regime where the spec declares a polynomial and the layer confirms it."""
    form = trial.linear_form
    if form is None or trial.case.given is not None:
        yield from _certified(trial)
        return
    probed = 0
    try:
        for label, (fractional, probes) in DRAWS.items():
            assert trial.spec is not None  # a form comes from a spec
            lattice = draw(
                trial.spec, form, trial.case, trial.rng(f"lattice {label}"), fractional=fractional
            )
            if lattice is not None:
                probed += 1
                yield from _probe(trial, form, lattice, probes)
    except exact.NotOfDegree as reason:
        yield Note(name="degree", message=f"{reason}; checked in the certified regime")
        yield from _certified(trial)
        return
    if not probed:
        yield from _certified(trial)


def _certified(trial: Trial) -> Iterator[Finding]:
    yield from certified.check(trial)
    yield from precision.check(trial)


def _probe(trial: Trial, form: Multilinear, lattice: Lattice, probes: int) -> Iterator[Finding]:
    """Probe along tangents until the chance of a miss is small: chances multiply.

    A wrong gradient disagrees along nearly every tangent; a kink that the confirmation was fooled
    by, along nearly none. So a failure takes two.
    """
    miss, apart = 1.0, 0
    for turn, (line, result) in enumerate(_lines(trial, form, lattice), 1):
        apart += not result.holds
        if apart == TWICE:
            yield locate.failure(trial, line, form, result)
            return
        miss *= result.miss or 1.0
        enough = turn >= (probes if result.miss else TWICE) or miss <= MISS_PROBABILITY
        if turn >= MOST or (enough and not apart):
            break
    if apart:
        yield Doubt(
            check="differences", wrt="",
            reason=f"one tangent of {turn} disagrees with the backward: is a kink in reach?",
        )  # fmt: skip
        return
    yield from _evidence(line, replace(result, miss=result.miss and miss), trial.case.dtype)
    yield from _against_oracle(trial, line, result)


def _lines(
    trial: Trial, form: Multilinear, lattice: Lattice
) -> Iterator[tuple[Lattice, exact.Probe]]:
    """Probe along one tangent after another, through the same point."""
    counts, coefficient = form.counts(trial.case), form.coefficient(trial.case)
    rng, known = trial.rng("further tangents"), None
    while True:
        result = exact.probe(
            trial.pull, lattice, form, counts, coefficient, trial.case.dtype, known,
            rounds=form.rounds(trial.case),
        )  # fmt: skip
        yield lattice, result
        known = result.gradients
        lattice = lattice.turned(rng) if result.miss else lattice.stretched(rng)


def _evidence(lattice: Lattice, result: exact.Probe, dtype: str) -> Iterator[Finding]:
    apart = abs(result.backward - result.differences)
    for name, gradient in result.gradients.items():
        if name not in lattice.tangent:
            continue
        largest = float(np.max(np.abs(gradient), initial=0.0))
        unit = _unit(lattice, result, name)
        yield Evidence(
            regime="exact" if result.bound is EXACT else "rounding",
            column="backward/differences", wrt=name, worst=apart, bound=result.bound,
            ulps=0.0 if apart == 0 else float(ulps(np.array(apart), np.array(largest), dtype)),
            miss=result.miss, power=unit / largest if largest else None, dtype=dtype,
        )  # fmt: skip
    if result.bound is not EXACT:
        yield Note(name="rounds", message="values off the lattice, within their rounding bound")


def _unit(lattice: Lattice, result: exact.Probe, name: str) -> float:
    """Return the smallest error in an entry that shows: a unit, or the bound along the tangent."""
    if result.bound is EXACT:
        return 2.0 ** gradient_exponent(lattice, name)
    shortest = float(np.min(np.abs(lattice.tangent[name]), initial=lattice.reach[name]))
    return result.bound.value / (shortest * 2.0 ** lattice.exponents[name])


def _against_oracle(trial: Trial, lattice: Lattice, result: exact.Probe) -> Iterator[Finding]:
    """Hold the differences against autograd on the same line: the third column."""
    answer = trial.ask(
        {n: lattice.at(0, "float64").get(n) for n in trial.layer.inputs}, lattice.floats("float64")
    )
    if answer is None:
        return
    apart, slack = _apart(lattice, result, answer[1])
    if apart > slack:
        yield Note(
            name="convention",
            message="differences of the forward and autograd disagree: the forward is not torch's",
        )
        return
    for name in lattice.tangent:
        yield Evidence(
            regime="exact", column="differences/autograd", wrt=name, worst=apart,
            bound=Bound(slack, "rounding of a contraction in float64") if slack else EXACT,
            dtype=trial.case.dtype,
        )  # fmt: skip


def _apart(
    lattice: Lattice, result: exact.Probe, autograd: Mapping[str, Array]
) -> tuple[float, float]:
    """Return the gap between differences and autograd along the line, and what may have rounded."""
    ours, theirs = (exact.in_units(lattice, g) for g in (result.gradients, autograd))
    if result.bound is EXACT and ours is not None and theirs is not None:
        unit = 2.0 ** (lattice.exponents["output"] + lattice.exponents["cotangent"])
        gap = exact.along(lattice, ours) - exact.along(lattice, theirs)
        return abs(gap) * unit, 0.0
    products = np.concatenate(
        [
            (autograd[n] * np.ldexp(t.astype(np.float64), lattice.exponents[n])).ravel()
            for n, t in lattice.tangent.items()
        ]
    )
    rounded = gamma(2 * products.size + lattice.cotangent.size, "float64")
    slack = rounded * float(np.abs(products).sum()) + result.bound.value
    return abs(float(products.sum()) - result.differences), slack
