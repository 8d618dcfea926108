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

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import EXACT, Bound, gamma, reduction
from gradcheck.contraction import contract, equal, to_integers
from gradcheck.lattice import Lattice, gradient_exponent

if TYPE_CHECKING:
    from gradcheck.guard import Present
    from gradcheck.layer import Array, Inputs
    from gradcheck.spec import Multilinear

STEPS = (-2, -1, 0, 1, 2)
CENTRE = STEPS.index(0)


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
    pull: Callable[[Inputs], tuple[Array, Present]],
    lattice: Lattice,
    form: Multilinear,
    counts: Mapping[str, int],
    coefficient: float,
    dtype: str,
    known: Mapping[str, Array] | None = None,
    *,
    rounds: bool = False,
) -> Probe:
    """Compare the backward with an exact difference along one line.

    Parameters
    ----------
    pull : callable
        The layer.
    lattice : Lattice
        Point, tangent and cotangent.
    form, counts, coefficient
        What the spec says of the map; they decide the degree and the rounding bound.
    dtype : str
        Dtype of the arrays.
    known : Mapping[str, Array], optional
        The backward's answer at the point and cotangent, if it is known already.
    rounds : bool
        Whether the map has coefficients that are off the lattice.

    Raises
    ------
    NotOfDegree
        If the confirmation fails: the caller goes to the certified regime.
    """
    pulled = [pull(inputs) for inputs in lattice.line(STEPS, dtype)]
    gradients = pulled[CENTRE][1](lattice.floats(dtype)) if known is None else known
    outputs = np.stack([output for output, _ in pulled])
    y = None if rounds else to_integers(outputs, lattice.exponents["output"])
    error = 0.0
    if y is None:
        error = entry_error(lattice, form, counts["output"], coefficient, dtype)
        _confirm(outputs.astype(np.float64), form.degree, error)
    else:
        _confirm(y, form.degree, 0.0)
        if (g := in_units(lattice, gradients)) is not None:
            return _equality(lattice, y, g, gradients)
    return _within(lattice, outputs, error, gradients, form, counts, coefficient, dtype)


def in_units(lattice: Lattice, gradients: Mapping[str, Array]) -> Array | None:
    """Return all gradients in a row, each in its unit, or None if an entry is off the lattice."""
    rows = [
        np.ldexp(gradients[name].ravel().astype(np.float64), -gradient_exponent(lattice, name))
        for name in lattice.tangent
    ]
    return to_integers(np.concatenate(rows), 0)


def _confirm(samples: Array, degree: int, error: float) -> None:
    """Raise unless every difference of the degree that must vanish does, within its rounding.

    The weights of a difference of order ``d + 1`` are binomials; their magnitudes add to
    ``2**(d + 1)``.
    """
    off = np.abs(np.diff(samples, degree + 1, axis=0)) > error * 2 ** (degree + 1)
    if off.any():
        raise NotOfDegree(tuple(int(i) for i in np.argwhere(off)[0][1:]), degree)


def _equality(lattice: Lattice, y: Array, g: Array, gradients: Mapping[str, Array]) -> Probe:
    """Compare as integers: the difference's side with twice the backward's."""
    u, step, v = lattice.cotangent.ravel(), (y[CENTRE + 1] - y[CENTRE - 1]).ravel(), lattice.row()
    holds = equal(u, step, g, 2 * v)
    unit = 2.0 ** (lattice.exponents["output"] + lattice.exponents["cotangent"])
    backward = (float(g.astype(np.float64) @ v) if holds else contract(g, v)) * unit
    return Probe(
        holds=holds,
        backward=backward,
        differences=backward if holds else contract(u, step) * unit / 2,
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
    half = 0.5 * (outputs[CENTRE + 1].astype(np.float64) - outputs[CENTRE - 1])
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
