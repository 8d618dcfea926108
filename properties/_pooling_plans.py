"""What the cases of the pools that slide windows are drawn from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class, equal
from ._plan import Plan
from ._table import Row
from ._window_classes import CEILED, dilated, either, sliding

if TYPE_CHECKING:
    from gradcheck.case import Case

CHANNELS = (
    Class(name="batch > 1", sizes=lambda s: s.batch > 1),
    Class(name="channels > 1", sizes=lambda s: s.channels > 1),
)

AXIS = {
    "ceil": (0, 1),
    "out": (1, 2, 3, 4),
    "kernel": (1, 2, 3, 4),
    "stride": (1, 2, 3, 4, 5),
    "dilation": (1,),
    "padding": (0, 1, 2),
}

SIZES = {"batch": (1, 2, 3), "channels": (1, 2, 3, 4)}

SMALL_AXIS = {
    "ceil": (0, 1),
    "out": (1, 2, 3),
    "kernel": (1, 2, 3),
    "stride": (1, 2, 3, 4),
    "dilation": (1,),
    "padding": (0, 1),
}
"""Of volumes, whose entries are many."""

SMALL_SIZES = {"batch": (1, 2), "channels": (1, 2)}

DTYPE = ("float64", "float32")


def _padded(h: Any, w: Any) -> Any:
    return (h.padding > 0) | (w.padding > 0)


def _shared(h: Any, w: Any) -> Any:
    return (h.shared > 1) | (w.shared > 1)


def _held(axis: Any) -> Any:
    """Allow padding of half a kernel, torch's rule, and no window that holds nothing.

    A dilated window may step over a small image: its maximum is minus infinity.
    """
    return (axis.padding <= axis.kernel // 2) & (axis.fewest > 0)


def _held_and_few(axis: Any) -> Any:
    """Allow of those the short axes, and what a class asks for because it is long."""
    return _held(axis) & ((axis.size <= 5) | (axis.out > 255))


def _held_and_whole(axis: Any) -> Any:
    """Allow of those no image smaller than the kernel: avg_pool3d of torch refuses it."""
    return _held_and_few(axis) & (axis.kernel <= axis.size)


def _shapes(sizes: Any, *axes: Any) -> dict[str, tuple[Any, ...]]:
    return {
        "x": (sizes.batch, sizes.channels, *(axis.size for axis in axes)),
        "output": (sizes.batch, sizes.channels, *(axis.out for axis in axes)),
    }


def _read(case: Case) -> Row:
    batch, channels = case.shape("x")[:2]
    return Row(batch=batch, channels=channels)


def maximum(axes: int) -> Plan:
    """Return the plan of max pooling along so many axes."""
    small = axes == 3
    return Plan(
        spec=f"max_pool{axes}d",
        config=("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
        facts={"dtype": DTYPE, "data": ("plain", "negative", "overlap")},
        sizes=SMALL_SIZES if small else SIZES,
        axis={**SMALL_AXIS, "dilation": (1, 2)} if small else {**AXIS, "dilation": (1, 2, 3)},
        axes=axes,
        allowed=_held_and_few if small else _held,
        shapes=_shapes,
        read=_read,
        classes=(
            *CHANNELS,
            *sliding(axes),
            *dilated(axes),
            *CEILED,
            Class(name="negative data with padding", facts=equal(data="negative"), windows=_padded),
            Class(name="maximum of several windows", facts=equal(data="overlap"), windows=_shared),
            *DTYPES,
        ),
    )


def average(axes: int) -> Plan:
    """Return the plan of average pooling along so many axes: along one, torch counts and no more.

    ``torch.nn.functional.avg_pool1d`` has no ``divisor_override``.
    """
    small, overridden = axes == 3, axes > 1
    settings = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    override = {"divisor_override": (None, None, None, 1, 2, 3, 7)} if overridden else {}
    return Plan(
        spec=f"avg_pool{axes}d",
        config=(*settings, *override),
        facts={"count_include_pad": (True, False), **override, "dtype": DTYPE, "data": ("plain",)},
        open_facts={"divisor_override": lambda divisor: divisor != 0} if overridden else {},
        sizes=SMALL_SIZES if small else SIZES,
        axis=SMALL_AXIS if small else AXIS,
        axes=axes,
        allowed=_held_and_whole if small else _held,
        shapes=_shapes,
        read=_read,
        classes=(*CHANNELS, *sliding(axes), *CEILED, *_counted(overridden), *DTYPES),
    )


def norm(axes: int) -> Plan:
    """Return the plan of power-average pooling along so many axes: small, for it is certified."""
    signed = Class(
        name="norm_type even, negative entries", facts={"norm_type": lambda p: p % 2 == 0}
    )
    odd = Class(name="norm_type not even", facts={"norm_type": lambda p: p % 2 != 0})
    return Plan(
        spec=f"lp_pool{axes}d",
        config=("norm_type", "kernel_size", "stride", "ceil_mode"),
        facts={"norm_type": (2.0, 1.0, 3.0, 1.5), "dtype": DTYPE, "data": ("plain",)},
        open_facts={"norm_type": lambda p: p >= 1},
        sizes=SMALL_SIZES,
        axis={**SMALL_AXIS, "padding": (0,)},
        axes=axes,
        allowed=_held_and_whole if axes == 3 else _held_and_few,
        shapes=_shapes,
        read=_read,
        classes=(*CHANNELS, *_unpadded(sliding(axes)), *CEILED, signed, odd, *DTYPES),
    )


def unpooled(axes: int) -> Plan:
    """Return the plan of max unpooling along so many axes, whose image is the output."""
    return Plan(
        spec=f"max_unpool{axes}d",
        config=("kernel_size", "stride", "padding", "output_size"),
        facts={"dtype": DTYPE, "data": ("plain",)},
        sizes=SMALL_SIZES,
        axis={**(SMALL_AXIS if axes == 3 else AXIS), "ceil": (0,)},
        axes=axes,
        allowed=lambda axis: _held_and_few(axis) & (axis.out <= axis.size),
        shapes=_unpooled_shapes,
        read=_read,
        classes=(*CHANNELS, *sliding(axes), *DTYPES),
    )


def _unpooled_shapes(sizes: Any, *axes: Any) -> dict[str, tuple[Any, ...]]:
    shapes = _shapes(sizes, *axes)
    return {"x": shapes["output"], "output": shapes["x"]}


def _unpadded(classes: tuple[Class, ...]) -> tuple[Class, ...]:
    """Leave out the classes that ask for padding, and the padding of others."""
    padded = {"ph != pw", "pd > 0 = ph", "window starts in padding"}
    return tuple(
        replace(c, ranges={part: {**r, "padding": (0,)} for part, r in c.ranges.items()})
        for c in classes
        if c.name not in padded
    )


def _counted(overridden: bool) -> tuple[Class, ...]:
    """Return the classes by what a window is divided by."""
    default = {"divisor_override": None} if overridden else {}
    override = Class(
        name="divisor_override given",
        facts={"divisor_override": lambda fact: fact is not None},
        windows=either(lambda axis: axis.kernel > 1),
    )
    return (
        *(
            Class(
                name=f"count_include_pad={count}, padding > 0",
                facts=equal(count_include_pad=count, **default),
                windows=_padded,
            )
            for count in (True, False)
        ),
        *((override,) if overridden else ()),
    )
