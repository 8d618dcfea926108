"""Differences: the backward against finite differences, exact where the form allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import exact, locate
from gradcheck.bounds import EXACT, Bound, ulps
from gradcheck.checks import certified
from gradcheck.finding import Evidence, Note
from gradcheck.lattice import Lattice, draw

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.spec import Multilinear
    from gradcheck.trial import Trial

DRAWS = {"integers": False, "sixteenths": True}
"""Both kinds of draws: one fills the mantissa, the other has a fractional unit."""


def check(trial: Trial) -> Iterator[Finding]:
    """Take the exact regime where the spec declares a polynomial and the layer confirms it."""
    form = trial.linear_form
    if form is None or trial.case.given is not None:
        yield from certified.check(trial)
        return
    probed = 0
    try:
        for label, fractional in DRAWS.items():
            assert trial.spec is not None  # a form comes from a spec
            lattice = draw(
                trial.spec, form, trial.case, trial.rng(f"lattice {label}"), fractional=fractional
            )
            if lattice is not None:
                probed += 1
                yield from _probe(trial, form, lattice)
    except exact.NotOfDegree as reason:
        yield Note(name="degree", message=f"{reason}; checked in the certified regime")
        yield from certified.check(trial)
        return
    if not probed:
        yield from certified.check(trial)


def _probe(trial: Trial, form: Multilinear, lattice: Lattice) -> Iterator[Finding]:
    counts, dtype = form.counts(trial.case), trial.case.dtype
    result = exact.probe(
        lambda inputs: trial.pull({n: inputs.get(n) for n in trial.layer.inputs}),
        lattice, form, counts, form.coefficient(trial.case), dtype,
    )  # fmt: skip
    if not result.holds:
        yield locate.failure(trial, lattice, form, result)
        return
    yield from _evidence(lattice, result, dtype)
    yield from _against_oracle(trial, lattice, result)


def _evidence(lattice: Lattice, result: exact.Probe, dtype: str) -> Iterator[Finding]:
    apart = abs(result.backward - result.differences)
    for name, gradient in result.gradients.items():
        if name not in lattice.tangent:
            continue
        largest = float(np.max(np.abs(gradient), initial=0.0))
        unit = max(result.bound.value, 2.0 ** exact.gradient_exponent(lattice, name))
        yield Evidence(
            regime="exact" if result.bound is EXACT else "rounding",
            column="backward/differences", wrt=name, worst=apart, bound=result.bound,
            ulps=0.0 if apart == 0 else float(ulps(np.array(apart), np.array(largest), dtype)),
            miss=result.miss, power=unit / largest if largest else None, dtype=dtype,
        )  # fmt: skip
    if result.bound is not EXACT:
        yield Note(name="rounds", message="values off the lattice, within their rounding bound")


def _against_oracle(trial: Trial, lattice: Lattice, result: exact.Probe) -> Iterator[Finding]:
    """Hold the differences against autograd on the same line: the third column."""
    answer = trial.ask(
        {n: lattice.at(0, "float64").get(n) for n in trial.layer.inputs}, lattice.floats("float64")
    )
    if answer is None:
        return
    total = size = 0.0
    for name, tangent in lattice.tangent.items():
        v = np.ldexp(tangent.astype(np.float64), lattice.exponents[name])
        total += float(np.vdot(answer[1][name], v))
        size += float(np.vdot(np.abs(answer[1][name]), np.abs(v)))
    length = sum(t.size for t in lattice.tangent.values()) + lattice.cotangent.size
    slack = exact.gamma(2 * length, "float64") * size + result.bound.value
    apart = abs(total - result.differences)
    if apart > slack:
        yield Note(
            name="convention",
            message="differences of the forward and autograd disagree: the forward is not torch's",
        )
        return
    for name in lattice.tangent:
        yield Evidence(
            regime="exact", column="differences/autograd", wrt=name, worst=apart,
            bound=Bound(slack, "rounding of a contraction in float64"),
            dtype=trial.case.dtype,
        )  # fmt: skip
