"""The contracts of the pools: of sliding windows, and of the whole image."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcheck.spec import Multilinear, Spec

from . import _arithmetic, _divisors, _patterns, _pooling_plans
from ._global_plans import GLOBAL_AVERAGE, GLOBAL_MAXIMUM
from ._ties import Ties
from ._torch_oracle import TorchFunction
from ._windows import most_covering, sliding, whole

if TYPE_CHECKING:
    from gradcheck.case import Case

MAXIMUM = {axes: _pooling_plans.maximum(axes) for axes in (1, 2, 3)}
AVERAGE = {axes: _pooling_plans.average(axes) for axes in (1, 2, 3)}


def max_pool1d() -> Spec:
    """Return the contract of ``torch.nn.functional.max_pool1d``."""
    return _maximum(1)


def max_pool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.max_pool2d``."""
    return _maximum(2)


def max_pool3d() -> Spec:
    """Return the contract of ``torch.nn.functional.max_pool3d``."""
    return _maximum(3)


def avg_pool1d() -> Spec:
    """Return the contract of ``torch.nn.functional.avg_pool1d``."""
    return _average(1)


def avg_pool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.avg_pool2d``."""
    return _average(2)


def avg_pool3d() -> Spec:
    """Return the contract of ``torch.nn.functional.avg_pool3d``."""
    return _average(3)


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


def _maximum(axes: int) -> Spec:
    return Spec(
        name=f"max_pool{axes}d",
        inputs=("x",),
        form=Multilinear(terms=(("x",),), counts=_chosen, pieces=True),
        cases=MAXIMUM[axes].cases,
        classes=MAXIMUM[axes].config_classes(),
        oracle=TorchFunction(name=f"torch.nn.functional.max_pool{axes}d"),
        kinks=Ties(sliding),
        pattern=_patterns.pool(sliding),
        facts=_arithmetic.pooling,
        summary="largest entry of each window",
    )


def _average(axes: int) -> Spec:
    return Spec(
        name=f"avg_pool{axes}d",
        inputs=("x",),
        form=Multilinear(
            terms=(("x",),),
            counts=_averaged,
            divisor=_divisors.common,
            coefficient=_divisors.largest_share,
        ),
        cases=AVERAGE[axes].cases,
        classes=AVERAGE[axes].config_classes(),
        oracle=TorchFunction(name=f"torch.nn.functional.avg_pool{axes}d"),
        pattern=_patterns.pool(sliding),
        facts=_arithmetic.pooling,
        summary="mean of each window",
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
