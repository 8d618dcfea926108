"""Oracle: full-mantissa data, entry by entry, against autograd in float64."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, scale
from gradcheck.checks import arbitration
from gradcheck.checks.rounding import Rounding, compare, of_gradient, of_output, unchanged
from gradcheck.finding import Failure
from gradcheck.spec import Multilinear

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial


SPREAD = 16
"""Draws that measure a condition where entries talk."""


def check(trial: Trial) -> Iterator[Finding]:
    """Compare the output and every gradient with the oracle's, each within its rounding."""
    inputs, u = trial.point.inputs, trial.cotangent
    answer = trial.ask(inputs, u)
    if answer is None:
        return
    ours = trial.answers()
    theirs = {"output": answer[0], **answer[1]}
    if (output := ours["output"]).shape != answer[0].shape:
        yield trial.failure(
            "oracle",
            "output",
            f"the output has shape {output.shape}, the oracle's {answer[0].shape}",
        )
        return
    rounding = _rounding(trial, inputs, u, theirs)
    for name, mine in ours.items():
        yield from _compared(trial, name, mine, theirs[name], rounding[name])


def _compared(
    trial: Trial, name: str, mine: Array, theirs: Array, rounding: Rounding
) -> Iterator[Finding]:
    """Compare one array; where they disagree, let the differences decide who is wrong."""
    found = list(compare(trial, name, mine, theirs, rounding, regime="oracle", against="autograd"))
    failed = any(isinstance(finding, Failure) for finding in found)
    if failed and arbitration.sides_with_backward(trial, name, mine, theirs, rounding.loose):
        yield arbitration.note(name)
    else:
        yield from found


def _rounding(
    trial: Trial, inputs: Inputs, u: Array, theirs: Mapping[str, Array]
) -> dict[str, Rounding]:
    """Return what the output and each gradient may lose.

    A multilinear map loses a rounding for each product, in units of the sum of their magnitudes,
    which is what the oracle answers to the magnitudes of its inputs. Any other map loses what its
    condition makes of a rounding of its inputs; below the layer's scale relative digits may go.
    """
    if trial.linear_form is not None:
        return _of_sums(trial, trial.linear_form, inputs, u, theirs)
    return _of_functions(trial, inputs, u, theirs)


def _of_sums(
    trial: Trial, form: Multilinear, inputs: Inputs, u: Array, theirs: Mapping[str, Array]
) -> dict[str, Rounding]:
    counts = trial.counts
    sized = inputs if form.pieces else {n: None if a is None else abs(a) for n, a in inputs.items()}
    answer = trial.ask(sized, abs(u))
    assert answer is not None  # asked a moment ago
    sizes = {"output": answer[0], **answer[1]}
    dtype, tiny = trial.case.dtype, bounds.smallest(trial.case.dtype)

    def share(count: int) -> float:  # the oracle's answer rounds, too
        return sum(bounds.reduction(count, form.degree, each) for each in (dtype, "float64"))

    error = {n: share(counts[n]) * abs(sizes[n]) + tiny for n in theirs}
    mixed = _mixed(trial, form, inputs, u)
    reason = {n: f"a sum of {counts[n]} products in {dtype}" for n in theirs}
    return {n: Rounding(error[n], error[n] + mixed[n], reason[n]) for n in theirs}


def _mixed(trial: Trial, form: Multilinear, inputs: Inputs, u: Array) -> dict[str, float]:
    r"""Return what an algorithm may lose that mixes entries before it sums them: FFT, Winograd.

    Its error is relative to the norms of the factors, :math:`u \log_2(n) \lVert x \rVert \lVert w
    \rVert`, not to the products that meet in an entry (Higham, theorem 24.2).
    """
    norms = {n: _norm(a) for n, a in inputs.items() if a is not None}
    cotangent, dtype = _norm(u), trial.case.dtype
    passes = 4 * max(u.size, *(a.size for a in inputs.values() if a is not None)).bit_length()
    found = {}
    for name in ("output", *norms):
        terms = [t for t in form.terms if norms.keys() >= set(t) and name in (*t, "output")]
        sizes = [prod(norms[n] for n in t if n != name) for t in terms]
        scale = max(sizes, default=0.0) * (1.0 if name == "output" else cotangent)
        found[name] = bounds.reduction(passes, form.degree, dtype) * scale
    return found


def _norm(array: Array) -> float:
    """Return the Euclidean norm; in float16 the squares overflow, and any bound with them."""
    return float(np.linalg.norm(array.astype(np.float64)))


def _of_functions(
    trial: Trial, inputs: Inputs, u: Array, theirs: Mapping[str, Array]
) -> dict[str, Rounding]:
    alone, size = scale.pointwise(trial), scale.of(trial)
    condition = (_condition if alone else _spread)(trial, inputs, u)
    shrunk = _scaled(trial, inputs, u, 1 - bounds.SHRINK) if alone else {}

    terms = sum(a.size for a in inputs.values() if a is not None)

    def of(name: str, value: Array) -> Rounding:
        if name == "output":
            return of_output(
                trial, value, condition[name], size.value, 0 if alone else terms
            )  # fmt: skip
        steady = unchanged(trial, value, shrunk[name], size.slopes[name], 0.0) if alone else None
        return of_gradient(
            trial, value, condition[name], size.slopes[name],
            steady if value.shape == u.shape else None, terms=u.size,
        )  # fmt: skip

    return {name: of(name, value) for name, value in theirs.items()}


def _condition(trial: Trial, inputs: Inputs, u: Array) -> dict[str, Array]:
    """Return what a relative change of one in the inputs would change, entry by entry."""
    up = _scaled(trial, inputs, u, 1 + bounds.NUDGE)
    down = _scaled(trial, inputs, u, 1 - bounds.NUDGE)
    return {name: abs(up[name] - down[name]) / (2 * bounds.NUDGE) for name in up}


def _spread(trial: Trial, inputs: Inputs, u: Array) -> dict[str, Array]:
    r"""Return what relative changes of one in each input would change, where entries talk.

    Scaled together their changes may cancel: those of a normalisation do. Independent normal
    draws of variance one change :math:`y_i` by :math:`\bigl(\sum_j (x_j J_{ij})^2\bigr)^{1/2}` in
    the root of the mean square. Twice that over sixteen draws falls short of it once in
    :math:`10^3` entries, and of half of it once in :math:`10^7` (:math:`\chi^2_{16}`).
    """
    rng, base = trial.rng("condition"), _scaled(trial, inputs, u, 1.0)
    squares = {name: np.zeros_like(value) for name, value in base.items()}
    for _ in range(SPREAD):
        moved = {
            n: None if a is None else a * (1 + bounds.NUDGE * rng.standard_normal(a.shape))
            for n, a in inputs.items()
        }
        for name, value in _scaled(trial, moved, u, 1.0).items():
            squares[name] += ((value - base[name]) / bounds.NUDGE) ** 2
    return {name: 2 * np.sqrt(square / SPREAD) for name, square in squares.items()}


def _scaled(trial: Trial, inputs: Inputs, u: Array, by: float) -> dict[str, Array]:
    """Return what the oracle says where every input is scaled."""
    moved = {n: None if a is None else a.astype(float) * by for n, a in inputs.items()}
    answer = trial.ask(moved, u)
    assert answer is not None  # asked a moment ago
    return {"output": answer[0], **answer[1]}
