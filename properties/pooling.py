"""The contracts of the pools: of sliding windows, and of the whole image."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcheck.spec import Multilinear, Spec

from . import _arithmetic, _divisors, _patterns
from ._global_plans import GLOBAL_AVERAGE, GLOBAL_MAXIMUM
from ._pooling_plans import AVERAGE, MAXIMUM
from ._ties import Ties
from ._torch_oracle import TorchFunction
from ._windows import most_covering, sliding, whole

if TYPE_CHECKING:
    from gradcheck.case import Case


def max_pool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.max_pool2d``."""
    return Spec(
        name="max_pool2d",
        inputs=("x",),
        form=Multilinear(terms=(("x",),), counts=_chosen, pieces=True),
        cases=MAXIMUM.cases,
        classes=MAXIMUM.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.max_pool2d"),
        kinks=Ties(sliding),
        pattern=_patterns.pool(sliding),
        facts=_arithmetic.pooling,
        summary="largest entry of each window",
    )


def avg_pool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.avg_pool2d``."""
    return Spec(
        name="avg_pool2d",
        inputs=("x",),
        form=Multilinear(
            terms=(("x",),),
            counts=_averaged,
            divisor=_divisors.common,
            coefficient=_divisors.largest_share,
        ),
        cases=AVERAGE.cases,
        classes=AVERAGE.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.avg_pool2d"),
        pattern=_patterns.pool(sliding),
        facts=_arithmetic.pooling,
        summary="mean of each window",
    )


def global_max_pool2d() -> Spec:
    """Return the contract of the largest entry of each channel, of shape (N, C, 1, 1)."""
    return Spec(
        name="global_max_pool2d",
        inputs=("x",),
        form=Multilinear(terms=(("x",),), counts=_one, pieces=True),
        cases=GLOBAL_MAXIMUM.cases,
        classes=GLOBAL_MAXIMUM.config_classes(),
        oracle=_adaptive("max"),
        kinks=Ties(whole),
        pattern=_patterns.pool(whole),
        summary="largest entry of each channel",
    )


def global_avg_pool2d() -> Spec:
    """Return the contract of the mean of each channel, of shape (N, C, 1, 1)."""
    return Spec(
        name="global_avg_pool2d",
        inputs=("x",),
        form=Multilinear(
            terms=(("x",),),
            counts=lambda case: {"output": _pixels(case), "x": 1},
            divisor=_pixels,
            coefficient=lambda case: 1 / _pixels(case),
        ),
        cases=GLOBAL_AVERAGE.cases,
        classes=GLOBAL_AVERAGE.config_classes(),
        oracle=_adaptive("avg"),
        pattern=_patterns.pool(whole),
        summary="mean of each channel",
    )


def _adaptive(kind: str) -> TorchFunction:
    name = f"torch.nn.functional.adaptive_{kind}_pool2d"
    return TorchFunction(name=name, constants={"output_size": 1})


def _chosen(case: Case) -> dict[str, int]:
    return {"output": 1, "x": most_covering(case)}


def _averaged(case: Case) -> dict[str, int]:
    return {"output": prod(case.config["kernel_size"]), "x": most_covering(case)}


def _one(_: Any) -> dict[str, int]:
    return {"output": 1, "x": 1}


def _pixels(case: Case) -> int:
    return prod(case.shape("x")[2:])
