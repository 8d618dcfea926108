r"""Exact regime: a central difference that has no error, compared for equality.

Along :math:`x + tv` a map of degree two or less has
:math:`\tfrac12 (f(x + v) - f(x - v)) = J(x)\,v` exactly, and on the lattice nothing rounds. So

.. math:: u \cdot \bigl(f(x + v) - f(x - v)\bigr) = 2\, g \cdot v

must hold as an equation between integers, where :math:`g` is the backward's answer to the
cotangent :math:`u`. Fix the config, :math:`x` and :math:`u`. If :math:`g \ne J(x)^\top u`, the
difference of both sides is a non-zero linear form in :math:`v`; entries of :math:`v` drawn
independently and uniformly from :math:`S` values annihilate it with probability at most
:math:`1/S` (Schwartz and Zippel, as in Freivalds' test of matrix products). Probes multiply.

The degree is not believed but confirmed, per output entry and before any contraction, on the
samples :math:`t = -2, \dots, 2`: every :math:`(d+1)`-th difference must vanish. A map that is not
of the declared degree goes to the certified regime; that alone is never a failure.

Where a value is off the lattice (1/49 of a window, a slope of 0.01) the equation holds within a
rounding bound instead, since a polynomial has no truncation error at any step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import EXACT, Bound, gamma, reduction
from gradcheck.contraction import contract, to_integers
from gradcheck.lattice import Lattice, gradient_exponent

if TYPE_CHECKING:
    from gradcheck.centre import Centre, Pull
    from gradcheck.layer import Array
    from gradcheck.spec import Multilinear

STEPS = (-2, -1, 0, 1, 2)
CENTRE = STEPS.index(0)
BESIDE = tuple(step for step in STEPS if step)

BLOCK = 8192
"""Output entries that are confirmed at once."""


@dataclass(frozen=True)
class Probe:
    r"""What one line shows.

    Attributes
    ----------
    holds : bool
        Whether backward and differences agree.
    backward, differences : float
        Both sides: the gradient's and the difference's value of :math:`u \cdot J v`. Where the
        equality holds they are the same number, in float64.
    bound : Bound
        `EXACT`, or the rounding bound.
    miss : float or None
        Probability of missing a wrong gradient, for an equality of integers.
    bound_of : Mapping[str, float]
        Rounding bound of one entry of each gradient, 0 on the lattice.
    gradients : Mapping[str, Array]
        What the backward said.
    """

    holds: bool
    backward: float
    differences: float
    bound: Bound
    miss: float | None
    bound_of: Mapping[str, float]
    gradients: Mapping[str, Array]


class NotOfDegree(Exception):  # noqa: N818 - names what it is
    """The forward is not of the declared degree along the line, at this output entry."""

    def __init__(self, index: tuple[int, ...], degree: int) -> None:
        super().__init__(f"the forward is not of degree {degree} at output entry {index}")
        self.index = index


def probe(
    pull: Pull,
    centre: Centre,
    form: Multilinear,
    counts: Mapping[str, int],
    coefficient: float,
    dtype: str,
    *,
    rounds: bool = False,
) -> Probe:
    """Compare the backward with an exact difference along one line.

    Parameters
    ----------
    pull : callable
        The layer.
    centre : Centre
        The layer at a point of the lattice, from which the line goes along the tangent.
    form, counts, coefficient
        What the spec says of the map; they decide the degree and the rounding bound.
    dtype : str
        Dtype of the arrays.
    rounds : bool
        Whether the map has coefficients that are off the lattice.

    Raises
    ------
    NotOfDegree
        If the confirmation fails: the caller goes to the certified regime.
    """
    lattice, gradients = centre.lattice, centre.gradients
    outputs = _sampled(pull, centre, dtype)
    step = None if rounds else _step(outputs, lattice.exponents["output"], form.degree)
    error = 0.0
    if step is None:
        error = entry_error(lattice, form, counts["output"], coefficient, dtype)
        _confirm(outputs.shape, _bent(outputs, form.degree, error), form.degree)
    elif (g := in_units(lattice, gradients)) is not None:
        return _equality(lattice, step, g, gradients)
    return _within(lattice, outputs, error, gradients, form, counts, coefficient, dtype)


def _sampled(pull: Pull, centre: Centre, dtype: str) -> Array:
    """Return the outputs along the line, in float64."""
    outputs = np.empty((len(STEPS), *centre.output.shape))
    outputs[CENTRE] = centre.output
    beside = (row for row in range(len(STEPS)) if row != CENTRE)
    for row, inputs in zip(beside, centre.lattice.line(centre.inputs, BESIDE), strict=True):
        outputs[row] = pull(inputs)[0]
    return outputs


def in_units(lattice: Lattice, gradients: Mapping[str, Array]) -> dict[str, Array] | None:
    """Return all gradients, each in its unit, or None if an entry is off the lattice."""
    found = {}
    for name in lattice.tangent:
        whole = to_integers(gradients[name], gradient_exponent(lattice, name))
        if whole is None:
            return None
        found[name] = whole
    return found


def along(lattice: Lattice, g: Mapping[str, Array]) -> int:
    """Return what gradients in their units give along the tangent."""
    return sum(contract(g[name], tangent) for name, tangent in lattice.tangent.items())


def _step(outputs: Array, exponent: int, degree: int) -> Array | None:
    """Return the difference of the samples next to the centre in integers, the degree confirmed.

    None if an output is off the lattice. A block at a time, which stays in the cache.
    """
    flat = outputs.reshape(len(STEPS), -1)
    step, bent = np.empty(flat.shape[1], np.int64), None
    for begin in range(0, flat.shape[1], BLOCK):
        y = to_integers(flat[:, begin : begin + BLOCK], exponent)
        if y is None or y.dtype != step.dtype:
            return None
        step[begin : begin + BLOCK] = y[CENTRE + 1] - y[CENTRE - 1]
        off = _bent(y, degree, 0.0) if bent is None else None
        bent = bent if off is None else begin + off
    _confirm(outputs.shape, bent, degree)
    return step


def _bent(samples: Array, degree: int, error: float) -> int | None:
    """Return the first entry whose differences do not vanish as the degree demands, or None.

    The weights of a difference of order ``d + 1`` are binomials; their magnitudes add to
    ``2**(d + 1)``.
    """
    differences = samples.reshape(len(STEPS), -1)
    for _ in range(degree + 1):
        differences = differences[1:] - differences[:-1]
    off = np.abs(differences) > error * 2 ** (degree + 1) if error else differences != 0
    return int(np.argmax(off.any(axis=0))) if off.any() else None


def _confirm(shape: tuple[int, ...], bent: int | None, degree: int) -> None:
    if bent is not None:
        raise NotOfDegree(tuple(int(i) for i in np.unravel_index(bent, shape[1:])), degree)


def _equality(
    lattice: Lattice, step: Array, g: Mapping[str, Array], gradients: Mapping[str, Array]
) -> Probe:
    """Compare as integers: the difference's side with twice the backward's."""
    backward, differences = along(lattice, g), contract(lattice.cotangent, step)
    unit = 2.0 ** (lattice.exponents["output"] + lattice.exponents["cotangent"])
    return Probe(
        holds=differences == 2 * backward,
        backward=backward * unit,
        differences=differences * unit / 2,
        bound=EXACT,
        miss=1.0 / lattice.values,
        bound_of=dict.fromkeys(lattice.tangent, 0.0),
        gradients=gradients,
    )


def _within(
    lattice: Lattice,
    outputs: Array,
    error: float,
    gradients: Mapping[str, Array],
    form: Multilinear,
    counts: Mapping[str, int],
    coefficient: float,
    dtype: str,
) -> Probe:
    """Compare as floats, within what the sums may have rounded; contractions are in float64."""
    u = lattice.floats("float64")
    v = {
        name: np.ldexp(t.astype(np.float64), lattice.exponents[name])
        for name, t in lattice.tangent.items()
    }
    half = 0.5 * (outputs[CENTRE + 1] - outputs[CENTRE - 1])
    differences = float(np.vdot(u, half))
    backward = sum(float(np.vdot(gradients[name].astype(np.float64), t)) for name, t in v.items())
    bound_of = {
        name: 0.0
        if error == 0.0
        and to_integers(gradients[name], gradient_exponent(lattice, name)) is not None
        else gradient_error(lattice, form, name, counts[name], coefficient, dtype)
        for name in v
    }
    length = u.size + sum(t.size for t in v.values())
    contraction = gamma(length + 2, "float64") * (
        float(np.vdot(abs(u), abs(half)))
        + sum(float(np.vdot(abs(gradients[n].astype(np.float64)), abs(t))) for n, t in v.items())
    )
    total = float(np.abs(u).sum()) * error + contraction
    total += sum(bound_of[name] * float(np.abs(t).sum()) for name, t in v.items())
    return Probe(
        holds=abs(differences - backward) <= total,
        backward=backward,
        differences=differences,
        bound=Bound(total, f"rounding of sums of {counts['output']} products in {dtype}"),
        miss=None,
        bound_of=bound_of,
        gradients=gradients,
    )


def entry_error(
    lattice: Lattice, form: Multilinear, count: int, coefficient: float, dtype: str
) -> float:
    """Return how far an output entry may be off: its rounding at the largest products."""
    terms = [term for term in form.terms if lattice.point.keys() >= set(term)]
    size = max(_product(lattice, term) for term in terms)
    return reduction(count, form.degree, dtype) * count * max(coefficient, 1.0) * size


def gradient_error(
    lattice: Lattice, form: Multilinear, name: str, count: int, coefficient: float, dtype: str
) -> float:
    """Return how far an entry of a gradient may be off: cotangent times the other factors."""
    terms = [term for term in form.terms if name in term and lattice.point.keys() >= set(term)]
    size = max(_product(lattice, [n for n in term if n != name]) for term in terms)
    u = float(np.max(np.abs(lattice.cotangent), initial=0)) * 2.0 ** lattice.exponents["cotangent"]
    return reduction(count, form.degree, dtype) * count * max(coefficient, 1.0) * u * size


def _product(lattice: Lattice, names: Iterable[str]) -> float:
    """Return the largest magnitude that a product of these inputs takes along the line."""
    size = 1.0
    for name in names:
        reach = np.abs(lattice.point[name]) + 2 * np.abs(lattice.tangent[name])
        size *= float(np.max(reach, initial=0)) * 2.0 ** lattice.exponents[name]
    return size
