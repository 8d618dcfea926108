"""The contract of two-dimensional convolution."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from gradcheck.spec import Multilinear, Spec

from . import _arithmetic, _patterns
from ._class import DTYPES, Class, having
from ._plan import Plan
from ._table import Row
from ._torch_oracle import TorchFunction
from ._window_classes import DILATED, SLIDING, either

if TYPE_CHECKING:
    from gradcheck.case import Case

INPUTS = ("x", "weight", "bias")

CLASSES = (
    Class(name="batch > 1", sizes=lambda s: s.batch > 1),
    Class(name="C_in != C_out", sizes=lambda s: s.fan_in != s.fan_out),
    Class(name="groups = 1", sizes=lambda s: (s.groups == 1) & (s.fan_in > 1)),
    Class(name="groups > 1", sizes=lambda s: (s.groups > 1) & (s.fan_in > 1)),
    Class(name="depthwise", sizes=lambda s: (s.groups > 1) & (s.fan_in == 1)),
    *SLIDING,
    *DILATED,
    Class(
        name="padding > kernel - 1",
        windows=either(lambda axis: axis.padding > axis.dilation * (axis.kernel - 1)),
    ),
    having("no bias", bias=False),
    having("non-zero bias", bias=True),
    *DTYPES,
)


def conv2d() -> Spec:
    """Return the contract of ``torch.nn.functional.conv2d``."""
    return Spec(
        name="conv2d",
        inputs=INPUTS,
        form=Multilinear(terms=(("x", "weight"), ("bias",)), counts=_counts),
        cases=PLAN.cases,
        classes=PLAN.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.conv2d", inputs=INPUTS),
        optional=("bias",),
        pattern=_patterns.convolution,
        facts=_arithmetic.convolution,
        summary="two-dimensional convolution: stride, padding, dilation, groups",
    )


def _counts(case: Case) -> dict[str, int]:
    """Count the products in one entry of the output and of each gradient, at most."""
    fan_out, fan_in, *kernel = case.shape("weight")
    batch, _, *out = case.shape("output")
    return {
        "output": fan_in * prod(kernel) + 1,
        "x": fan_out // case.config["groups"] * prod(kernel),
        "weight": batch * prod(out),
        "bias": batch * prod(out),
    }


def _shapes(sizes: Any, rows: Any, columns: Any) -> dict[str, tuple[Any, ...]]:
    c_in, c_out = sizes.groups * sizes.fan_in, sizes.groups * sizes.fan_out
    return {
        "x": (sizes.batch, c_in, rows.size, columns.size),
        "weight": (c_out, sizes.fan_in, rows.kernel, columns.kernel),
        "bias": (c_out,),
        "output": (sizes.batch, c_out, rows.out, columns.out),
    }


def _read(case: Case) -> Row:
    groups = case.config["groups"]
    c_out, fan_in = case.shape("weight")[:2]
    return Row(batch=case.shape("x")[0], groups=groups, fan_in=fan_in, fan_out=c_out // groups)


PLAN = Plan(
    spec="conv2d",
    config=("stride", "padding", "dilation", "groups"),
    facts={"bias": (False, True), "dtype": ("float64", "float32"), "data": ("plain",)},
    sizes={
        "batch": (1, 2, 3),
        "groups": (1, 2, 3),
        "fan_in": (1, 2, 3, 4),
        "fan_out": (1, 2, 3, 4),
    },
    axis={
        "ceil": (0,),
        "out": (1, 2, 3, 4),
        "kernel": (1, 2, 3, 4),
        "stride": (1, 2, 3, 4),
        "dilation": (1, 2, 3),
        "padding": (0, 1, 2, 3, 4),
    },
    shapes=_shapes,
    read=_read,
    classes=CLASSES,
)
