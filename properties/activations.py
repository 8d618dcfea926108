"""The contracts of the element-wise layers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from gradcheck.spec import Kinks, Multilinear, Smooth, Spec

from . import _patterns
from ._activation_plans import (
    CELU,
    ELU,
    GELU,
    LEAKY_RELU,
    LOGSIGMOID,
    MISH,
    PRELU,
    RELU,
    SELU,
    SIGMOID,
    SILU,
    SOFTPLUS,
    SOFTSIGN,
    TANH,
)
from ._pointwise import Pointwise
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.config import Config
    from gradcheck.layer import Inputs

    from ._plan import Plan

LARGEST_DENOMINATOR = 2**10
"""A slope in larger fractions leaves the lattice too few values; the rounding bound judges it."""

COMPOSED = "gradcheck.properties._composed"
"""Where torch's own function is not exact enough for an oracle."""

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
"""The constants of Klambauer et al., Self-normalizing neural networks, as torch has them."""


def relu() -> Spec:
    """Return the contract of ``torch.nn.functional.relu``."""
    form = Multilinear(terms=(("x",),), counts=lambda _: {"output": 1, "x": 1}, pieces=True)
    return entrywise(RELU, form, (0.0, 1.0), summary="max(x, 0)")


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
    return entrywise(LEAKY_RELU, form, lambda c, _: (c["negative_slope"], 1), summary=summary)


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
    return entrywise(ELU, Smooth(), lambda config, _: (config["alpha"], 1), summary=summary)


def selu() -> Spec:
    """Return the contract of ``torch.nn.functional.selu``."""
    slopes = SELU_SCALE * SELU_ALPHA, SELU_SCALE
    return entrywise(SELU, Smooth(), slopes, summary="elu, scaled")


def sigmoid() -> Spec:
    """Return the contract of ``torch.sigmoid``."""
    return entrywise(SIGMOID, Smooth(), module=COMPOSED, summary="1 / (1 + exp(-x))")


def tanh() -> Spec:
    """Return the contract of ``torch.tanh``."""
    return entrywise(TANH, Smooth(), module=COMPOSED, summary="hyperbolic tangent")


def celu() -> Spec:
    """Return the contract of ``torch.nn.functional.celu``."""
    summary = "x where x > 0, alpha (exp(x / alpha) - 1) elsewhere"
    return entrywise(CELU, Smooth(), lambda config, _: (1, 1), module=COMPOSED, summary=summary)


def silu() -> Spec:
    """Return the contract of ``torch.nn.functional.silu``."""
    return entrywise(SILU, Smooth(), module=COMPOSED, summary="x times its sigmoid")


def mish() -> Spec:
    """Return the contract of ``torch.nn.functional.mish``."""
    return entrywise(MISH, Smooth(), module=COMPOSED, summary="x tanh(log(1 + exp(x)))")


def gelu() -> Spec:
    """Return the contract of ``torch.nn.functional.gelu``, exact or by the hyperbolic tangent."""
    summary = "x times the normal distribution function"
    return entrywise(GELU, Smooth(), module=COMPOSED, summary=summary)


def softplus() -> Spec:
    """Return the contract of ``torch.nn.functional.softplus``, with its switch."""
    return entrywise(SOFTPLUS, Smooth(), summary="log(1 + exp(beta x)) / beta, x where large")


def softsign() -> Spec:
    """Return the contract of ``torch.nn.functional.softsign``."""
    return entrywise(SOFTSIGN, Smooth(), module=COMPOSED, summary="x / (1 + |x|)")


def logsigmoid() -> Spec:
    """Return the contract of ``torch.nn.functional.logsigmoid``."""
    return entrywise(LOGSIGMOID, Smooth(), summary="logarithm of the sigmoid")


def entrywise(
    plan: Plan,
    form: Multilinear | Smooth,
    slopes: Callable[[Config, Inputs], tuple[Any, Any]] | tuple[float, float] | None = None,
    *,
    module: str = "torch.nn.functional",
    kinks: Kinks | None = None,
    summary: str,
) -> Spec:
    """Return the contract of an element-wise layer; ``slopes`` are those at a kink at 0."""
    return Spec(
        name=plan.spec,
        inputs=("x",),
        form=form,
        cases=plan.cases,
        classes=plan.config_classes(),
        oracle=TorchFunction(name=f"{module}.{plan.spec}"),
        kinks=kinks if slopes is None else Pointwise(slopes),
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
