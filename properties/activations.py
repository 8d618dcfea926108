"""The contracts of the element-wise layers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from gradcheck.spec import Multilinear, Smooth, Spec

from . import _patterns
from ._activation_plans import ELU, LEAKY_RELU, PRELU, RELU, SELU, SIGMOID, TANH
from ._pointwise import Pointwise
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.config import Config
    from gradcheck.layer import Inputs

    from ._plan import Plan

LARGEST_DENOMINATOR = 2**10
"""A slope in larger fractions leaves the lattice too few values; the rounding bound judges it."""

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
"""The constants of Klambauer et al., Self-normalizing neural networks, as torch has them."""


def relu() -> Spec:
    """Return the contract of ``torch.nn.functional.relu``."""
    form = Multilinear(terms=(("x",),), counts=lambda _: {"output": 1, "x": 1}, pieces=True)
    return _entrywise(RELU, form, lambda config, inputs: (0, 1), summary="max(x, 0)")


def leaky_relu() -> Spec:
    """Return the contract of ``torch.nn.functional.leaky_relu``."""
    form = Multilinear(
        terms=(("x",),),
        counts=lambda case: dict.fromkeys(("output", "x"), ceil(_steepest(case))),
        divisor=_denominator,
        coefficient=_steepest,
        rounds=lambda case: _denominator(case) * Fraction(case.config["negative_slope"]) % 1 != 0,
        pieces=True,
    )
    summary = "x where x > 0, negative_slope x elsewhere"
    return _entrywise(LEAKY_RELU, form, lambda c, _: (c["negative_slope"], 1), summary=summary)


def prelu() -> Spec:
    """Return the contract of ``torch.nn.functional.prelu``: a slope a channel, or one for all."""
    return Spec(
        name="prelu",
        inputs=("x", "weight"),
        form=Multilinear(terms=(("x", "weight"), ("x",)), counts=_prelu_counts, pieces=True),
        cases=PRELU.cases,
        classes=PRELU.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.prelu", inputs=("x", "weight")),
        kinks=Pointwise(_prelu_slopes),
        pattern=_patterns.entrywise,
        summary="x where x > 0, weight x elsewhere",
    )


def elu() -> Spec:
    """Return the contract of ``torch.nn.functional.elu``."""
    summary = "x where x > 0, alpha (exp(x) - 1) elsewhere"
    return _entrywise(ELU, Smooth(), lambda config, _: (config["alpha"], 1), summary=summary)


def selu() -> Spec:
    """Return the contract of ``torch.nn.functional.selu``."""
    slopes = SELU_SCALE * SELU_ALPHA, SELU_SCALE
    return _entrywise(SELU, Smooth(), lambda config, _: slopes, summary="elu, scaled")


def sigmoid() -> Spec:
    """Return the contract of ``torch.sigmoid``."""
    return _entrywise(SIGMOID, Smooth(), module="torch", summary="1 / (1 + exp(-x))")


def tanh() -> Spec:
    """Return the contract of ``torch.tanh``."""
    return _entrywise(TANH, Smooth(), module="torch", summary="hyperbolic tangent")


def _entrywise(
    plan: Plan,
    form: Multilinear | Smooth,
    slopes: Callable[[Config, Inputs], tuple[Any, Any]] | None = None,
    *,
    module: str = "torch.nn.functional",
    summary: str,
) -> Spec:
    return Spec(
        name=plan.spec,
        inputs=("x",),
        form=form,
        cases=plan.cases,
        classes=plan.config_classes(),
        oracle=TorchFunction(name=f"{module}.{plan.spec}"),
        kinks=None if slopes is None else Pointwise(slopes),
        pattern=_patterns.entrywise,
        summary=summary,
    )


def _steepest(case: Case) -> float:
    """Return the larger of 1 and the slope's magnitude, which counts as so many products."""
    return max(1.0, abs(float(case.config["negative_slope"])))


def _denominator(case: Case) -> int:
    """Return the denominator of a dyadic slope, 1 where that is too large."""
    denominator = Fraction(case.config["negative_slope"]).denominator
    return denominator if denominator <= LARGEST_DENOMINATOR else 1


def _prelu_counts(case: Case) -> dict[str, int]:
    (slopes,), shape = case.shape("weight"), case.shape("x")
    entries = 1
    for extent in shape:
        entries *= extent
    return {"output": 1, "x": 1, "weight": entries // slopes}


def _prelu_slopes(_: Config, inputs: Inputs) -> tuple[Any, int]:
    x, weight = inputs["x"], inputs["weight"]
    assert x is not None
    assert weight is not None
    return (weight.reshape(-1, *[1] * (x.ndim - 2)) if x.ndim > 1 else weight), 1
