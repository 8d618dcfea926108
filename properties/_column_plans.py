"""What the cases of unfold and fold are drawn from."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class
from ._convolution_plans import AXIS
from ._plan import Plan
from ._table import Row
from ._window_classes import DILATED, SLIDING, either

if TYPE_CHECKING:
    from gradcheck.case import Case

    Shapes = dict[str, tuple[Any, ...]]

WINDOWS = ("kernel_size", "dilation", "padding", "stride")

FACTS = {"dtype": ("float64", "float32"), "data": ("plain",)}

SIZES = {"batch": (1, 2, 3), "channels": (1, 2, 3)}

CLASSES = (
    Class(name="batch > 1", sizes=lambda s: s.batch > 1),
    Class(name="channels > 1", sizes=lambda s: s.channels > 1),
    *SLIDING,
    *DILATED,
    Class(
        name="padding > kernel - 1",
        windows=either(lambda axis: axis.padding > axis.dilation * (axis.kernel - 1)),
    ),
    *DTYPES,
)


def _images(sizes: Any, rows: Any, columns: Any) -> tuple[Any, ...]:
    return (sizes.batch, sizes.channels, rows.size, columns.size)


def _columns(sizes: Any, rows: Any, columns: Any) -> tuple[Any, ...]:
    entries = rows.kernel * columns.kernel
    return (sizes.batch, sizes.channels * entries, rows.out * columns.out)


def _unfolded(*drawn: Any) -> Shapes:
    return {"x": _images(*drawn), "output": _columns(*drawn)}


def _folded(*drawn: Any) -> Shapes:
    return {"x": _columns(*drawn), "output": _images(*drawn)}


def _read(case: Case) -> Row:
    rows = prod(case.config["kernel_size"]) if "output_size" in case.config else 1
    return Row(batch=case.shape("x")[0], channels=case.shape("x")[1] // rows)


UNFOLD = Plan(
    spec="unfold",
    config=WINDOWS,
    facts=FACTS,
    sizes=SIZES,
    axis=AXIS,
    shapes=_unfolded,
    read=_read,
    classes=CLASSES,
)

FOLD = Plan(
    spec="fold",
    config=("output_size", *WINDOWS),
    facts=FACTS,
    sizes=SIZES,
    axis=AXIS,
    shapes=_folded,
    read=_read,
    classes=CLASSES,
)
