"""What the cases of convolutions and transposed convolutions are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class, everything, having
from ._plan import Plan
from ._table import Row
from ._window_classes import dilated, either, sliding

if TYPE_CHECKING:
    from gradcheck.case import Case

    Shapes = dict[str, tuple[Any, ...]]

FACTS = {"bias": (False, True), "dtype": ("float64", "float32"), "data": ("plain",)}

AXIS = {
    "ceil": (0,),
    "out": (1, 2, 3, 4),
    "kernel": (1, 2, 3, 4),
    "stride": (1, 2, 3, 4),
    "dilation": (1, 2, 3),
    "padding": (0, 1, 2, 3, 4),
}

SIZES = {
    "batch": (1, 2, 3),
    "groups": (1, 2, 3),
    "fan_in": (1, 2, 3, 4),
    "fan_out": (1, 2, 3, 4),
}

SMALL_AXIS = {
    "ceil": (0,),
    "out": (1, 2, 3),
    "kernel": (1, 2, 3),
    "stride": (1, 2, 3),
    "dilation": (1, 2),
    "padding": (0, 1, 2),
}
"""Of volumes, whose entries are many."""

SMALL_SIZES = dict.fromkeys(SIZES, (1, 2))


def _few(axis: Any) -> Any:
    """Allow short axes, and those that a class asks for because they are long."""
    return (axis.size <= 5) | (axis.out > 255)


def _classes(axes: int) -> tuple[Class, ...]:
    return (
        Class(name="batch > 1", sizes=lambda s: s.batch > 1),
        Class(name="C_in != C_out", sizes=lambda s: s.fan_in != s.fan_out),
        Class(name="groups = 1", sizes=lambda s: (s.groups == 1) & (s.fan_in > 1)),
        Class(name="groups > 1", sizes=lambda s: (s.groups > 1) & (s.fan_in > 1)),
        Class(name="depthwise", sizes=lambda s: (s.groups > 1) & (s.fan_in == 1)),
        *sliding(axes),
        *dilated(axes),
        having("no bias", bias=False),
        having("non-zero bias", bias=True),
        *DTYPES,
    )


def convolution(axes: int) -> Plan:
    """Return the plan of convolutions along so many axes."""
    wide = Class(
        name="padding > kernel - 1",
        windows=either(lambda axis: axis.padding > axis.dilation * (axis.kernel - 1)),
    )
    return Plan(
        spec=f"conv{axes}d",
        config=("stride", "padding", "dilation", "groups"),
        facts=FACTS,
        sizes=SMALL_SIZES if axes == 3 else SIZES,
        axis=SMALL_AXIS if axes == 3 else AXIS,
        axes=axes,
        allowed=_few if axes == 3 else everything,
        shapes=_shapes,
        read=_read,
        classes=(*_classes(axes), wide),
    )


def transposed(axes: int) -> Plan:
    """Return the plan of transposed convolutions along so many axes."""
    more = Class(name="output_padding > 0", windows=either(lambda axis: axis.rest > 0))
    return Plan(
        spec=f"conv_transpose{axes}d",
        config=("stride", "padding", "output_padding", "groups", "dilation"),
        facts=FACTS,
        sizes=SMALL_SIZES if axes == 3 else SIZES,
        axis=SMALL_AXIS if axes == 3 else AXIS,
        axes=axes,
        allowed=_few if axes == 3 else everything,
        shapes=_transposed_shapes,
        read=_read_transposed,
        # A rest that no window reads is the output_padding.
        classes=(*(c for c in _classes(axes) if c.name != "inexact floor"), more),
    )


def _shapes(sizes: Any, *axes: Any) -> Shapes:
    c_in, c_out = sizes.groups * sizes.fan_in, sizes.groups * sizes.fan_out
    return {
        "x": (sizes.batch, c_in, *(axis.size for axis in axes)),
        "weight": (c_out, sizes.fan_in, *(axis.kernel for axis in axes)),
        "bias": (c_out,),
        "output": (sizes.batch, c_out, *(axis.out for axis in axes)),
    }


def _transposed_shapes(sizes: Any, *axes: Any) -> Shapes:
    c_in, c_out = sizes.groups * sizes.fan_in, sizes.groups * sizes.fan_out
    return {
        "x": (sizes.batch, c_in, *(axis.out for axis in axes)),
        "weight": (c_in, sizes.fan_out, *(axis.kernel for axis in axes)),
        "bias": (c_out,),
        "output": (sizes.batch, c_out, *(axis.size for axis in axes)),
    }


def _read(case: Case) -> Row:
    groups = case.config["groups"]
    c_out, fan_in = case.shape("weight")[:2]
    return Row(batch=case.shape("x")[0], groups=groups, fan_in=fan_in, fan_out=c_out // groups)


def _read_transposed(case: Case) -> Row:
    groups = case.config["groups"]
    c_in, fan_out = case.shape("weight")[:2]
    return Row(batch=case.shape("x")[0], groups=groups, fan_in=c_in // groups, fan_out=fan_out)
