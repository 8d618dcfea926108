"""Differences: the backward against finite differences, exact where the form allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import exact, locate, turns
from gradcheck.alike import alike
from gradcheck.bounds import EXACT, MISS_PROBABILITY, Bound, gamma, ulps
from gradcheck.centre import Centre
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

TWICE = 2
"""Tangents along which a backward must disagree to have failed."""


def check(trial: Trial) -> Iterator[Finding]:
    """Take the exact regime where the spec declares a polynomial and the layer confirms it.

    Two kinds of draws, since each is blind to what the other sees: integers that fill the mantissa,
    and fractions. The first carry the miss probability.
    """
    form, centre = trial.linear_form, trial.centre
    if form is None or centre is None:
        yield from _certified(trial)
        return
    try:
        yield from _probe(trial, form, centre, MOST)
        yield from _in_sixteenths(trial, form, centre)
    except exact.NotOfDegree as reason:
        yield Note(name="degree", message=f"{reason}; checked in the certified regime")
        yield from _certified(trial)


def _certified(trial: Trial) -> Iterator[Finding]:
    yield from certified.check(trial)
    yield from precision.check(trial)


def _in_sixteenths(trial: Trial, form: Multilinear, centre: Centre) -> Iterator[Finding]:
    r"""Take the point to sixteenths, where truncation to integers shows.

    A sum of products of :math:`k` factors turns :math:`2^{-4k}` as large when its inputs turn
    sixteenths, to the last bit, and its gradients with it: what the line at the integers has shown
    holds there as well, if output and gradients turned so. If not, a line of its own decides.

    Some cases, and all of them without an oracle, take a line through another point in sixteenths,
    where one input has most of the mantissa: a buffer too narrow for it shows.
    """
    there = Centre.of(trial.pull, centre.lattice.in_sixteenths(form), trial.case.dtype)
    if not _turned(centre, there):
        yield from _probe(trial, form, there, 1)
    if trial.has_oracle and not turns.due(trial, "narrow buffers"):
        return
    assert trial.spec is not None  # a form comes from a spec
    rng = trial.rng("lattice sixteenths")
    lattice = draw(trial.spec, form, trial.case, rng, fractional=True)
    if lattice is not None:
        yield from _probe(trial, form, Centre.of(trial.pull, lattice, trial.case.dtype), 1)


def _turned(centre: Centre, there: Centre) -> bool:
    """Return whether output and gradients changed by their units alone."""
    units = [(c.lattice.exponents["output"], c.output) for c in (centre, there)]
    pairs = [units, *(
        [(gradient_exponent(c.lattice, name), c.gradients[name]) for c in (centre, there)]
        for name in centre.lattice.tangent
    )]  # fmt: skip
    return all(
        alike(np.ldexp(here, after - before), scaled) for (before, here), (after, scaled) in pairs
    )


def _probe(trial: Trial, form: Multilinear, centre: Centre, probes: int) -> Iterator[Finding]:
    """Probe along tangents until the chance of a miss is small: chances multiply.

    A wrong gradient disagrees along nearly every tangent; a kink that the confirmation was fooled
    by, along nearly none. So a failure takes two.
    """
    miss, apart = 1.0, 0
    for turn, (line, result) in enumerate(_lines(trial, form, centre), 1):
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
    trial: Trial, form: Multilinear, centre: Centre
) -> Iterator[tuple[Lattice, exact.Probe]]:
    """Probe along one tangent after another, through the same point."""
    counts, coefficient = trial.counts, form.coefficient(trial.case)
    rng, rounds = None, form.rounds(trial.case)
    while True:
        result = exact.probe(
            trial.pull, centre, form, counts, coefficient, trial.case.dtype, rounds=rounds
        )
        lattice = centre.lattice
        yield lattice, result
        rng = rng or trial.rng("further tangents")
        turned = lattice.turned(rng) if result.miss else lattice.stretched(rng)
        centre = replace(centre, lattice=turned)


def _evidence(lattice: Lattice, result: exact.Probe, dtype: str) -> Iterator[Finding]:
    apart = abs(result.backward - result.differences)
    for name, gradient in result.gradients.items():
        if name not in lattice.tangent:
            continue
        largest = float(np.abs(gradient).max(initial=0.0))
        unit = _unit(lattice, result, name)
        yield Evidence(
            regime="exact" if result.bound is EXACT else "rounding",
            column="backward/differences", wrt=name, worst=apart, bound=result.bound,
            ulps=ulps(apart, largest, dtype),
            miss=result.miss, power=unit / largest if largest else None, dtype=dtype,
        )  # fmt: skip
    if result.bound is not EXACT:
        yield Note(name="rounds", message="values off the lattice, within their rounding bound")


def _unit(lattice: Lattice, result: exact.Probe, name: str) -> float:
    """Return the smallest error in an entry that shows: a unit, or the bound along the tangent."""
    if result.bound is EXACT:
        return 2.0 ** gradient_exponent(lattice, name)
    shortest = float(np.min(np.abs(lattice.tangent[name]), initial=lattice.reach[name]))
    # Of an entry that does not move, nothing shows.
    length = shortest * 2.0 ** lattice.exponents[name]
    return result.bound.value / length if length else float("inf")


def _against_oracle(trial: Trial, lattice: Lattice, result: exact.Probe) -> Iterator[Finding]:
    """Hold the differences against autograd on the same line: the third column."""
    inputs = dict.fromkeys(trial.layer.inputs) | lattice.at(0, "float64")
    answer = trial.ask(inputs, lattice.floats("float64"))
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
    if result.bound is EXACT and all(
        alike(result.gradients[name], autograd[name]) for name in lattice.tangent
    ):
        return 0.0, 0.0  # backward's side is the differences', to the last bit
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
