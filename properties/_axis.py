r"""Axis: how a kernel slides along one axis of an image, and every way that a plan may take.

Built backwards, from the number of windows to the size of the image: with ``out`` windows of
``kernel`` entries a ``dilation`` apart, a ``stride`` between windows, ``padding`` on both sides and
a ``rest`` that the last window leaves over (below 0 where it hangs over the far edge),

.. math:: size = (out - 1) stride + dilation (kernel - 1) + 1 + rest - 2 padding .
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ._table import Row, Table

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array

LIMIT = 12
"""Largest image side, where more than two windows are wanted."""

COLUMNS = {
    "kernel_size": "kernel",
    "stride": "stride",
    "padding": "padding",
    "dilation": "dilation",
    "output_padding": "rest",
    "output_size": "size",
}
"""The column that holds one number of each setting that has one for each axis."""

PARTS = ("depth", "rows", "columns")
"""What the axes are called. Every case lies in three; those that its layer has not are `LONE`."""

LONE = {"out": (1,), "kernel": (1,), "stride": (1,), "dilation": (1,), "padding": (0,)}
"""An axis of one place, under one window of one entry."""


def output_size(size: Any, kernel: Any, stride: Any, dilation: Any, padding: Any, ceil: Any) -> Any:
    """Return the number of windows on an image of that size, as torch counts them.

    With ``ceil`` the last window may hang over the far edge, if it starts inside the image or
    in the padding before it.
    """
    spare = size + 2 * padding - dilation * (kernel - 1) - 1
    out = (spare + ceil * (stride - 1)) // stride + 1
    return out - (ceil * (out > 1) * ((out - 1) * stride >= size + padding))


def axis_table(ranges: Mapping[str, tuple[int, ...]], allowed: Callable[[Any], Any]) -> Table:
    """Return every axis within the ranges.

    Parameters
    ----------
    ranges : Mapping[str, tuple of int]
        Values of ``ceil``, ``out``, ``kernel``, ``stride``, ``dilation`` and ``padding``; ``rest``
        and ``size``, which follow, may be fixed.
    allowed : callable
        What else the kind of layer demands of an axis.
    """
    most = max(ranges["stride"]) - 1
    drawn = {**ranges, "rest": ranges.get("rest", range(-most, most + 1))}
    sizes = drawn.pop("size", None)
    table = Table.product(drawn)
    reach = table.dilation * (table.kernel - 1) + 1
    size = (table.out - 1) * table.stride + reach + table.rest - 2 * table.padding
    fewest = min(ranges["out"]) + 1
    small = (size >= 1) & ((size <= LIMIT) | (table.out <= fewest))
    if sizes is not None:
        small = np.isin(size, sizes)
    table = table.extended(size=size).where(small)
    settings = table.size, table.kernel, table.stride, table.dilation, table.padding, table.ceil
    table = _measured(table.where(table.out == output_size(*settings)))
    return table.where(allowed(table))


def axes_of(case: Case) -> tuple[Row, Row, Row]:
    """Return depth, rows and columns of a case; those that it has not are of one place."""
    own = [axis_of(case, axis) for axis in range(len(case.config["stride"]))]
    lone = [_axis(1, 1, 1, 1, 0, 0)] * (len(PARTS) - len(own))
    depth, rows, columns = (*lone, *own)
    return depth, rows, columns


def axis_of(case: Case, axis: int) -> Row:
    """Return the axis of a case of that number, 0 for the first behind the channels."""
    config = case.config
    kernel = config["kernel_size"] if "kernel_size" in config else case.shape("weight")[2:]
    settings = (
        kernel[axis],
        config["stride"][axis],
        config.get("dilation", (1,) * len(kernel))[axis],
        config.get("padding", (0,) * len(kernel))[axis],
    )
    return _axis(_size(case, axis, *settings), *settings, int(config.get("ceil_mode", False)))


def _size(case: Case, axis: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """Return the size of the image under the windows, which a transposed layer puts out."""
    config = case.config
    if "output_size" in config:
        return int(config["output_size"][axis])
    size = case.shape("x")[2 + axis]
    if "output_padding" in config:
        reach = dilation * (kernel - 1) + 1
        return (size - 1) * stride - 2 * padding + reach + int(config["output_padding"][axis])
    return size


@lru_cache(maxsize=4096)
def _axis(size: int, kernel: int, stride: int, dilation: int, padding: int, ceil: int) -> Row:
    out = output_size(size, kernel, stride, dilation, padding, ceil)
    columns = {
        "ceil": ceil,
        "out": out,
        "kernel": kernel,
        "stride": stride,
        "dilation": dilation,
        "padding": padding,
        "rest": size + 2 * padding - dilation * (kernel - 1) - 1 - (out - 1) * stride,
        "size": size,
    }
    return _measured(Table({name: np.array([value]) for name, value in columns.items()})).row(0)


def _measured(table: Table) -> Table:
    """Add what the windows hold: ``fewest`` entries of the image in one, ``shared`` by so many."""
    if len(table) == 0:
        return table.extended(fewest=table.size, shared=table.size)
    place, inside = _places(table)
    shared = [((place == t) & inside).sum(axis=(1, 2)) for t in range(table.size.max())]
    windows = np.arange(place.shape[1]) < table.out[:, None]
    held = np.where(windows, inside.sum(axis=2), np.iinfo(np.int32).max)
    return table.extended(fewest=held.min(axis=1), shared=np.max(shared, axis=0))


def _places(table: Table) -> tuple[Array, Array]:
    """Return the place of each entry (row, window, entry), and whether it is on the image."""
    window = np.arange(table.out.max())[None, :, None]
    entry = np.arange(table.kernel.max())[None, None, :]
    c = table.beside().beside()
    place = window * c.stride - c.padding + entry * c.dilation
    real = (window < c.out) & (entry < c.kernel)
    return place, real & (place >= 0) & (place < c.size)
