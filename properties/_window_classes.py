"""Classes of configurations of whatever slides windows over an image.

Of 130 errors found in 414 layers of public NumPy code, 79 need one of these varied on purpose. Each
demand reads two axes, rows ``h`` and columns ``w``; that of a volume reads its depth ``d``, too. Of
what has one axis, the rows are a single place.
"""

from __future__ import annotations

from typing import Any

from ._axis import LONE
from ._class import Class

SMALL = {"out": (1, 2), "kernel": (1, 2), "stride": (1, 2), "dilation": (1,), "padding": (0, 1)}


def either(demand: Any) -> Any:
    """Demand it of one axis at least."""
    return lambda h, w: demand(h) | demand(w)


def _gaps(axis: Any) -> Any:
    return axis.stride > axis.dilation * (axis.kernel - 1) + 1


def _overlaps(axis: Any) -> Any:
    return (axis.stride < axis.kernel) & (axis.shared > 1)


def _whole(axis: Any) -> Any:
    return (axis.kernel == axis.size) & (axis.padding == 0) & (axis.dilation == 1)


def _inexact(axis: Any) -> Any:
    return ((axis.rest % axis.stride) != 0) & (axis.ceil == 0)


RECTANGLES = (
    Class(name="kh != kw", windows=lambda h, w: h.kernel != w.kernel),
    Class(name="kh < kw", windows=lambda h, w: h.kernel < w.kernel),
    Class(name="kh > kw", windows=lambda h, w: h.kernel > w.kernel),
    Class(name="sh != sw", windows=lambda h, w: h.stride != w.stride),
    Class(name="ph != pw", windows=lambda h, w: h.padding != w.padding),
    Class(name="H != W", windows=lambda h, w: h.size != w.size),
    Class(name="H < W", windows=lambda h, w: h.size < w.size),
    Class(name="H > W", windows=lambda h, w: h.size > w.size),
)
"""Of images with rows and columns."""

VOLUMES = (
    Class(name="kd > 1 = kh", windows=lambda h, w: h.kernel == 1, depth=lambda d: d.kernel > 1),
    Class(name="kd = 1 < kh", windows=lambda h, w: h.kernel > 1, depth=lambda d: d.kernel == 1),
    Class(name="sd > 1 = sh", windows=lambda h, w: h.stride == 1, depth=lambda d: d.stride > 1),
    Class(name="pd > 0 = ph", windows=lambda h, w: h.padding == 0, depth=lambda d: d.padding > 0),
    Class(name="D > 1 = H", windows=lambda h, w: h.size == 1, depth=lambda d: d.size > 1),
)
"""Of images with a depth."""

LINES = (
    Class(name="inexact floor", windows=either(_inexact)),
    Class(name="stride > kernel", windows=either(_gaps)),
    Class(name="stride < kernel", windows=either(_overlaps)),
    Class(name="kernel = 1", windows=lambda h, w: (h.kernel == 1) & (w.kernel == 1)),
    Class(name="even kernel", windows=either(lambda axis: axis.kernel % 2 == 0)),
    Class(
        name="kernel = whole image",
        windows=lambda h, w: _whole(h) & _whole(w) & (h.size * w.size > 1),
    ),
    Class(name="window starts in padding", windows=either(lambda axis: axis.padding > 0)),
    Class(name="one-pixel output", windows=lambda h, w: (h.out == 1) & (w.out == 1)),
    Class(
        name="output longer than 255",
        windows=either(lambda axis: axis.out > 255),
        ranges={"depth": LONE, "rows": SMALL, "columns": {**SMALL, "out": (256, 257)}},
    ),
)
"""Of every kind that slides windows, along however many axes."""

SLIDING = (*RECTANGLES, *LINES)
"""Of every kind that slides windows over rows and columns."""

DILATED = (
    Class(name="dilation > 1", windows=either(lambda a: (a.dilation > 1) & (a.kernel > 1))),
    Class(name="dh != dw", windows=lambda h, w: h.dilation != w.dilation),
)
"""Of kinds with a dilation."""


def sliding(axes: int) -> tuple[Class, ...]:
    """Return the classes of every kind that slides windows along so many axes."""
    return {1: LINES, 2: SLIDING, 3: (*SLIDING, *VOLUMES)}[axes]


def dilated(axes: int) -> tuple[Class, ...]:
    """Return the classes of kinds with a dilation, along so many axes."""
    return DILATED[:1] if axes == 1 else DILATED


CEILED = (
    Class(
        name="ceil_mode, partial last window",
        windows=either(lambda axis: (axis.ceil == 1) & (axis.rest < 0)),
    ),
    Class(
        name="ceil_mode, last window dropped",
        windows=either(lambda axis: (axis.ceil == 1) & (axis.rest > 0)),
    ),
)
"""Of kinds with a ``ceil_mode``."""
