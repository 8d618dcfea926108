"""The contracts of the losses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.spec import Kinks, Multilinear, Smooth, Spec

from ._loss_plans import (
    BINARY_CROSS_ENTROPY,
    CROSS_ENTROPY,
    MSE_LOSS,
    NLL_LOSS,
    QUARTERS,
    SOFT_CROSS_ENTROPY,
    WITH_LOGITS,
    entries,
    target_weights,
)
from ._shares import Shares
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case

    from ._plan import Plan

COMPOSED = "gradcheck.properties._composed_losses"
PAIR = ("x", "target")


def mse_loss() -> Spec:
    """Return the contract of ``torch.nn.functional.mse_loss``."""
    return _loss(MSE_LOSS, PAIR, summary="squared error")


def binary_cross_entropy() -> Spec:
    """Return the contract of ``torch.nn.functional.binary_cross_entropy``."""
    summary = "cross entropy of two outcomes, from a probability"
    return _loss(BINARY_CROSS_ENTROPY, PAIR, Shares(PAIR), summary=summary)


def binary_cross_entropy_with_logits() -> Spec:
    """Return the contract of ``torch.nn.functional.binary_cross_entropy_with_logits``."""
    summary = "cross entropy of two outcomes, from the logarithm of their odds"
    return _loss(WITH_LOGITS, PAIR, Shares(("target",)), summary=summary)


def cross_entropy() -> Spec:
    """Return the contract of ``torch.nn.functional.cross_entropy`` with classes for targets."""
    return _loss(CROSS_ENTROPY, ("x",), summary="cross entropy of logits and classes")


def soft_cross_entropy() -> Spec:
    """Return the contract of ``torch.nn.functional.cross_entropy`` with probabilities."""
    summary = "cross entropy of logits and probabilities"
    return _loss(SOFT_CROSS_ENTROPY, PAIR, Shares(("target",)), summary=summary)


def nll_loss() -> Spec:
    """Return the contract of ``torch.nn.functional.nll_loss``."""
    form = Multilinear(
        terms=(("x",),),
        counts=_counts,
        divisor=_divisor,
        coefficient=_coefficient,
    )
    return _loss(NLL_LOSS, ("x",), form=form, summary="negative logarithm of a likelihood")


def _loss(
    plan: Plan,
    inputs: tuple[str, ...],
    kinks: Kinks | None = None,
    *,
    form: Multilinear | Smooth | None = None,
    summary: str,
) -> Spec:
    return Spec(
        name=plan.spec,
        inputs=inputs,
        form=Smooth(pointwise=False) if form is None else form,
        cases=plan.cases,
        classes=plan.config_classes(),
        oracle=TorchFunction(name=f"{COMPOSED}.{plan.spec}", inputs=inputs),
        kinks=kinks,
        batched=(),  # a mean knows of the whole batch, and so does the config, which holds targets
        summary=summary,
    )


def _counts(case: Case) -> dict[str, int]:
    """Count a coefficient above 1 as so many products."""
    steepest = max(1, math.ceil(_coefficient(case)))
    return {"output": steepest * entries(case.shape("x")), "x": steepest}


def _divisor(case: Case) -> int:
    """Return what makes a whole number of each coefficient, w / W or w."""
    return int(target_weights(case).sum()) if case.config["reduction"] == "mean" else QUARTERS


def _coefficient(case: Case) -> float:
    weights = target_weights(case) / QUARTERS
    share = weights.sum() if case.config["reduction"] == "mean" else 1
    return float(np.max(weights) / share)
