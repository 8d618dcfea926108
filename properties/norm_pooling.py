"""The contracts of power-average pooling, along one to three axes."""

from __future__ import annotations

from gradcheck.spec import Smooth, Spec

from . import _arithmetic, _patterns, _pooling_plans
from ._corner import Corner
from ._torch_oracle import TorchFunction
from ._windows import sliding

PLANS = {axes: _pooling_plans.norm(axes) for axes in (1, 2, 3)}

ORACLES = {
    1: "gradcheck.properties._pool_settings.lp_pool1d",
    2: "torch.nn.functional.lp_pool2d",
    3: "torch.nn.functional.lp_pool3d",
}


def lp_pool1d() -> Spec:
    """Return the contract of ``torch.nn.functional.lp_pool1d``."""
    return _norm(1)


def lp_pool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.lp_pool2d``."""
    return _norm(2)


def lp_pool3d() -> Spec:
    """Return the contract of ``torch.nn.functional.lp_pool3d``."""
    return _norm(3)


def _norm(axes: int) -> Spec:
    return Spec(
        name=f"lp_pool{axes}d",
        inputs=("x",),
        form=Smooth(pointwise=False),
        cases=PLANS[axes].cases,
        classes=PLANS[axes].config_classes(),
        oracle=TorchFunction(name=ORACLES[axes]),
        kinks=Corner(),
        pattern=_patterns.pool(sliding),
        facts=_arithmetic.pooling,
        summary="p-norm of each window",
    )
