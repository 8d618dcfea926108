r"""Rounding: what a gradient may lose to its dtype, entry by entry, in place of a tolerance.

An elementary function loses a few units in the last place and what its condition makes of the
rounding of its argument: :math:`(4 + 2k)` ULP with :math:`k = |x f''(x) / f'(x)|` for a derivative
:math:`f'`. That is the tight bound, which careful code keeps everywhere.

A derivative that is written with a difference, :math:`1 - y^2` or :math:`x (1 - t^2)`, loses a few
roundings of what was there before it cancelled: of :math:`S`, the layer's largest derivative. That
is the loose bound; between the two lies a note, beyond it an error. Where the derivative does not
change with :math:`x`, nothing cancels, and the bound stays tight: there a constant cut short
(1.0507 for SELU's scale) shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck import bounds
from gradcheck.bounds import Bound
from gradcheck.discrepancy import Discrepancy
from gradcheck.finding import Evidence, Note

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


@dataclass(frozen=True)
class Rounding:
    """What the entries of an output or gradient may lose.

    Attributes
    ----------
    tight : array
        What careful code loses, entry by entry.
    loose : array
        What any honest code may lose.
    reason : str
        Why.
    scale : float
        The size that an entry would have where the layer is steep; 0 for a sum of products.
    demanded : bool
        Whether the gate takes what lies beyond the tight bound for an error.
    """

    tight: Array
    loose: Array
    reason: str
    scale: float = 0.0
    demanded: bool = False


def of_output(
    trial: Trial, value: Array, condition: Array, scale: float, terms: int = 0
) -> Rounding:
    r"""Return what a function's value may lose, and a sum of terms inside it, if there is one.

    :math:`e^x - 1` and :math:`x - \tanh x` lose what cancels in them, of the layer's largest value.
    """
    dtype = trial.case.dtype
    tight = bounds.function_error(value, condition, dtype)
    tight = tight + bounds.function_error(value, condition, "float64")
    if terms:
        tight = tight + bounds.reduction(terms, 1, dtype) * condition
    return Rounding(tight, tight + bounds.scale_error(scale, dtype), _reason(dtype))


def of_gradient(
    trial: Trial, value: Array, condition: Array, scale: float, steady: Array | None, terms: int = 1
) -> Rounding:
    """Return what a derivative may lose.

    Parameters
    ----------
    trial : Trial
        The layer and its cotangent.
    value : Array
        The gradient in float64.
    condition : Array
        What a relative change of one in the inputs changes of it.
    scale : float
        The layer's largest derivative.
    steady : Array or None
        Where the derivative does not change with its argument; None if entries share outputs.
    terms : int
        How many products meet in an entry.
    """
    dtype, u = trial.case.dtype, np.abs(trial.cotangent.astype(np.float64))
    # What is trusted is rounded as well, in float64.
    trusted = bounds.function_error(value, condition, "float64")
    tight = bounds.function_error(value, condition, dtype) + trusted
    steepest = scale * float(np.max(u, initial=0.0))
    if steady is None:
        slack = bounds.scale_error(steepest, dtype) + bounds.reduction(terms, 2, dtype) * steepest
        # What careful code keeps of a sum is not known.
        return Rounding(tight + slack, tight + slack, _reason(dtype), steepest)
    cancelled = np.where(steady, 0.0, bounds.scale_error(scale, dtype) * u)
    return Rounding(tight, tight + cancelled, _reason(dtype), steepest, demanded=True)


def unchanged(trial: Trial, before: Array, after: Array, scale: float, bar: Array | float) -> Array:
    """Return where two derivatives are one but for the rounding of trusted ones, and their bars.

    A tail that lies below the rounding of the layer's scale says nothing.
    """
    steepest = scale * float(np.max(np.abs(trial.cotangent.astype(np.float64)), initial=0.0))
    size = np.abs(before)
    seen = bounds.scale_error(steepest, "float64") < bounds.NUDGE * size
    rounded = bounds.scale_error(1.0, "float64") * size + bar
    return np.asarray(seen & (np.abs(after - before) <= rounded))


def below_scale(what: str) -> Note:
    """Return the note on digits that are lost where the layer is flat."""
    message = f"{what} loses relative digits below the layer's scale"
    return Note(name="relative accuracy", message=message)


def _reason(dtype: str) -> str:
    return f"(4 + 2k) ULP of a function in {dtype}"


def compare(
    trial: Trial,
    name: str,
    mine: Array,
    theirs: Array,
    rounding: Rounding,
    *,
    regime: str,
    against: str,
) -> Iterator[Finding]:
    """Hold an output or gradient against a trusted one in float64.

    Parameters
    ----------
    trial : Trial
        Layer and case.
    name : str
        ``"output"`` or the input that the gradient is with respect to.
    mine, theirs : Array
        What the layer gave, and what is trusted.
    rounding : Rounding
        How far apart they may be.
    regime : str
        Of the evidence.
    against : str
        ``"autograd"`` or ``"differences"``: what vouches for the trusted one.
    """
    if not mine.size:
        return
    dtype, finite = trial.case.dtype, np.isfinite(theirs)
    known = theirs if finite.all() else np.where(finite, theirs, 0.0)
    apart = np.abs(mine.astype(np.float64) - known)
    if known is not theirs:
        apart = np.where(finite, apart, 0.0)
    worst = np.unravel_index((apart / rounding.loose).argmax(), mine.shape)
    what = "forward's output" if name == "output" else f"the gradient for {name}"
    told = partial(_discrepancy, name, mine, theirs, dtype, against)
    check = "oracle" if against == "autograd" else "differences"
    bound = Bound(float(rounding.loose[worst]), rounding.reason)
    careful = (apart <= rounding.tight).all()
    if not (careful or (apart <= rounding.loose).all()):
        yield trial.failure(check, name, f"{what} disagrees with {against}", told(worst, bound))
        return
    if not careful:
        said = below_scale(what).message
        if trial.strict and rounding.demanded:
            where = np.unravel_index(int(np.argmax(apart / rounding.tight)), mine.shape)
            tight = Bound(float(rounding.tight[where]), rounding.reason)
            yield trial.failure(check, name, said, told(where, tight))
            return
        yield replace(below_scale(what), demanded=rounding.demanded)
    largest = max(float(np.abs(known).max()), rounding.scale)
    # A gradient that is zero throughout has no largest entry: the cotangent gives the size.
    size = largest or float(np.max(np.abs(trial.cotangent))) or 1.0
    yield Evidence(
        regime=regime, column=f"backward/{against}", wrt=name, worst=float(apart[worst]),
        bound=bound, ulps=bounds.ulps(float(apart[worst]), float(known[worst]), dtype),
        dtype=dtype,
        power=float(rounding.loose.max()) / size,
    )  # fmt: skip


def _discrepancy(
    name: str, mine: Array, theirs: Array, dtype: str, against: str, place: tuple[Any, ...],
    bound: Bound,
) -> Discrepancy:  # fmt: skip
    said, trusted = float(mine[place]), float(theirs[place])
    return Discrepancy(
        wrt=name, index=tuple(int(i) for i in place), backward=said,
        differences=trusted if against == "differences" else None,
        autograd=trusted if against == "autograd" else None,
        bound=bound, ulps=bounds.ulps(said - trusted, trusted, dtype),
    )  # fmt: skip
