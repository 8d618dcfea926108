"""What the cases of the pools are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class, equal
from ._plan import Plan
from ._table import Row
from ._window_classes import CEILED, DILATED, SLIDING, either

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


def _shapes(sizes: Any, rows: Any, columns: Any) -> dict[str, tuple[Any, ...]]:
    return {
        "x": (sizes.batch, sizes.channels, rows.size, columns.size),
        "output": (sizes.batch, sizes.channels, rows.out, columns.out),
    }


def _read(case: Case) -> Row:
    batch, channels = case.shape("x")[:2]
    return Row(batch=batch, channels=channels)


MAXIMUM = Plan(
    spec="max_pool2d",
    config=("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    facts={"dtype": DTYPE, "data": ("plain", "negative", "overlap")},
    sizes={"batch": (1, 2, 3), "channels": (1, 2, 3, 4)},
    axis={**AXIS, "dilation": (1, 2, 3)},
    allowed=_held,
    shapes=_shapes,
    read=_read,
    classes=(
        *CHANNELS,
        *SLIDING,
        *DILATED,
        *CEILED,
        Class(
            name="negative data with padding",
            facts=equal(data="negative"),
            windows=_padded,
        ),
        Class(
            name="maximum of several windows",
            facts=equal(data="overlap"),
            windows=_shared,
        ),
        *DTYPES,
    ),
)

AVERAGE = Plan(
    spec="avg_pool2d",
    config=(
        "kernel_size",
        "stride",
        "padding",
        "ceil_mode",
        "count_include_pad",
        "divisor_override",
    ),
    facts={
        "count_include_pad": (True, False),
        "divisor_override": (None, None, None, 1, 2, 3, 7),
        "dtype": DTYPE,
        "data": ("plain",),
    },
    open_facts={"divisor_override": lambda divisor: divisor != 0},
    sizes={"batch": (1, 2, 3), "channels": (1, 2, 3, 4)},
    axis=AXIS,
    allowed=_held,
    shapes=_shapes,
    read=_read,
    classes=(
        *CHANNELS,
        *SLIDING,
        *CEILED,
        *(
            Class(
                name=f"count_include_pad={count}, padding > 0",
                facts=equal(count_include_pad=count, divisor_override=None),
                windows=_padded,
            )
            for count in (True, False)
        ),
        Class(
            name="divisor_override given",
            facts={"divisor_override": lambda fact: fact is not None},
            windows=either(lambda axis: axis.kernel > 1),
        ),
        *DTYPES,
    ),
)
