"""Pointwise: the kink at 0 of an element-wise layer, and which derivatives are right there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.bounds import Bound, function_error, reduction
from gradcheck.discrepancy import Discrepancy
from gradcheck.finding import Failure, Note
from gradcheck.spec import Multilinear

from ._sides import Sides

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.config import Config
    from gradcheck.layer import Array, Inputs

AT_ZERO = 1 / 3
"""Share of the entries that are put on the kink."""


@dataclass(frozen=True)
class Pointwise:
    """The kink of an element-wise layer at ``x`` = 0.

    Attributes
    ----------
    slopes : callable or tuple of float
        The one-sided derivatives at 0, from the left and from the right; where they are not two
        numbers, ``slopes(config, inputs)`` gives numbers, or arrays that broadcast to the shape of
        ``x``.
    """

    slopes: Callable[[Config, Inputs], tuple[Any, Any]] | tuple[float, float]

    def place(
        self, case: Case, name: str, span: int, rng: np.random.Generator
    ) -> tuple[Array, int]:
        """Draw integers: ``x`` off 0 by more than twice the reach, the others anywhere."""
        shape = case.shape(name)
        if name != "x":
            return rng.integers(-(span // 2), span // 2, shape, endpoint=True), span // 4
        reach = span // 8
        size = rng.integers(2 * reach + 1, max(span - 2 * reach, 1), shape, endpoint=True)
        return size * _signs(case, rng), reach

    def check(self, trial: Any) -> Iterator[Failure | Note]:
        """Yield the first derivative at 0 outside the one-sided ones, or the convention seen."""
        rng = trial.rng("kink at 0")
        inputs = dict(trial.lattice_inputs(_often_zero(trial.case, rng)))
        inputs["x"] = _some_negative_zeros(inputs["x"], rng)
        _, pullback = trial.pull(inputs)
        x = inputs["x"]
        sign = np.where(rng.random(x.shape) < 0.5, -1, 1)
        cotangent = (sign * rng.integers(1, 9, x.shape, endpoint=True)).astype(x.dtype)
        sides = self._sides(trial, inputs, cotangent, pullback(cotangent)["x"])
        index = sides.first_outside()
        if index is not None:
            yield _failure(trial, sides, index)
        elif sides.convention is not None:
            yield Note(name="derivative at 0", message=sides.convention)
        yield from _parameters(trial, inputs, cotangent)

    def _sides(self, trial: Any, inputs: Inputs, cotangent: Array, gradient: Array) -> Sides:
        x = inputs["x"]
        assert x is not None
        given = self.slopes
        fixed = None if callable(given) else given
        slopes = given(trial.case.config, inputs) if callable(given) else given
        left, right = (np.broadcast_to(np.asarray(s, np.float64), x.shape) for s in slopes)
        return Sides(
            zero=x == 0,
            left=left * cotangent,
            right=right * cotangent,
            gradient=gradient.astype(np.float64),
            rounding=_rounding(trial),
            slopes=fixed,
        )


def _rounding(trial: Any) -> Callable[[Array], Array]:
    """Return what one product with a slope may have rounded, by its magnitude."""
    dtype = trial.case.dtype
    if isinstance(trial.spec.form, Multilinear):
        return lambda size: reduction(1, 1, dtype) * size
    return lambda size: function_error(size, np.zeros_like(size), dtype)


def _parameters(trial: Any, inputs: Inputs, cotangent: Array) -> Iterator[Failure]:
    """Yield parameters that have a gradient although ``x`` is 0 all over."""
    others = [name for name, array in inputs.items() if name != "x" and array is not None]
    if not others:
        return
    _, pullback = trial.pull({**inputs, "x": np.zeros_like(inputs["x"])})
    gradients = pullback(cotangent)
    for name in others:
        if not np.all(gradients[name] == 0):
            said = f"x is 0 all over, so the gradient of {name} is 0; the backward says"
            yield trial.failure("kink", name, f"{said} {gradients[name].ravel().tolist()[:4]}")


def _failure(trial: Any, sides: Sides, index: tuple[int, ...]) -> Failure:
    low, high = sides.interval(index)
    got = float(sides.gradient[index])
    nearest = low if got < low else high
    message = (
        f"at the kink x = 0, entry {index}, the gradient is {got:.9g}; the derivatives from both "
        f"sides allow {low:.9g} to {high:.9g}"
    )
    found = Discrepancy(
        wrt="x",
        index=index,
        backward=got,
        differences=nearest,
        autograd=None,
        bound=Bound(
            float(sides.rounding(np.abs(np.float64(nearest)))),
            "rounding of one product with a one-sided derivative",
        ),
    )
    failure: Failure = trial.failure("kink", "x", message, found)
    return failure


def _signs(case: Case, rng: np.random.Generator) -> Array | int:
    """Draw signs: half of each, or all of the kind that the data asks for."""
    if case.data in ("negative", "positive"):
        return -1 if case.data == "negative" else 1
    return np.where(rng.random(case.shape("x")) < 0.5, -1, 1)


def _often_zero(case: Case, rng: np.random.Generator) -> Array:
    shape = case.shape("x")
    x = rng.integers(1, 3, shape, endpoint=True) * _signs(case, rng)
    x = np.where(rng.random(shape) < AT_ZERO, 0, x)
    x.flat[int(rng.integers(x.size))] = 0
    return x


def _some_negative_zeros(x: Array, rng: np.random.Generator) -> Array:
    negative = (x == 0) & (rng.random(x.shape) < 0.5)
    return np.where(negative, -np.zeros_like(x), x)
