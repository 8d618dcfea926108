"""The contracts of the adaptive pools, along one to three axes."""

from __future__ import annotations

from gradcheck.spec import Multilinear, Spec

from . import _adaptive_plans, _adaptive_windows, _patterns
from ._adaptive_windows import adaptive
from ._ties import Ties
from ._torch_oracle import TorchFunction

AVERAGE = {axes: _adaptive_plans.average(axes) for axes in (1, 2, 3)}
MAXIMUM = {axes: _adaptive_plans.maximum(axes) for axes in (1, 2, 3)}


def adaptive_max_pool1d() -> Spec:
    """Return the contract of ``torch.nn.functional.adaptive_max_pool1d``."""
    return _maximum(1)


def adaptive_max_pool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.adaptive_max_pool2d``."""
    return _maximum(2)


def adaptive_max_pool3d() -> Spec:
    """Return the contract of ``torch.nn.functional.adaptive_max_pool3d``."""
    return _maximum(3)


def adaptive_avg_pool1d() -> Spec:
    """Return the contract of ``torch.nn.functional.adaptive_avg_pool1d``."""
    return _average(1)


def adaptive_avg_pool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.adaptive_avg_pool2d``."""
    return _average(2)


def adaptive_avg_pool3d() -> Spec:
    """Return the contract of ``torch.nn.functional.adaptive_avg_pool3d``."""
    return _average(3)


def _maximum(axes: int) -> Spec:
    return Spec(
        name=f"adaptive_max_pool{axes}d",
        inputs=("x",),
        form=Multilinear(terms=(("x",),), counts=_adaptive_windows.chosen, pieces=True),
        cases=MAXIMUM[axes].cases,
        classes=MAXIMUM[axes].config_classes(),
        oracle=TorchFunction(name=f"torch.nn.functional.adaptive_max_pool{axes}d"),
        kinks=Ties(adaptive),
        pattern=_patterns.pool(adaptive),
        summary="largest entries of so many windows",
    )


def _average(axes: int) -> Spec:
    return Spec(
        name=f"adaptive_avg_pool{axes}d",
        inputs=("x",),
        form=Multilinear(
            terms=(("x",),),
            counts=_adaptive_windows.counts,
            divisor=_adaptive_windows.common,
            coefficient=_adaptive_windows.largest_share,
        ),
        cases=AVERAGE[axes].cases,
        classes=AVERAGE[axes].config_classes(),
        oracle=TorchFunction(name=f"torch.nn.functional.adaptive_avg_pool{axes}d"),
        pattern=_patterns.pool(adaptive),
        summary="means of so many windows",
    )
