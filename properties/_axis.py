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
}
"""The column that holds one half of each paired setting."""


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
        Values of ``ceil``, ``out``, ``kernel``, ``stride``, ``dilation`` and ``padding``.
    allowed : callable
        What else the kind of layer demands of an axis.
    """
    most = max(ranges["stride"]) - 1
    table = Table.product({**ranges, "rest": range(-most, most + 1)})
    reach = table.dilation * (table.kernel - 1) + 1
    size = (table.out - 1) * table.stride + reach + table.rest - 2 * table.padding
    fewest = min(ranges["out"]) + 1
    small = (size >= 1) & ((size <= LIMIT) | (table.out <= fewest))
    table = table.extended(size=size).where(small)
    settings = table.size, table.kernel, table.stride, table.dilation, table.padding, table.ceil
    table = _measured(table.where(table.out == output_size(*settings)))
    return table.where(allowed(table))


def axis_of(case: Case, axis: int) -> Row:
    """Return the axis of a case: 0 for rows, 1 for columns."""
    config = case.config
    kernel = config["kernel_size"] if "kernel_size" in config else case.shape("weight")[2:]
    return _axis(
        case.shape("x")[2 + axis],
        kernel[axis],
        config["stride"][axis],
        config.get("dilation", (1, 1))[axis],
        config["padding"][axis],
        int(config.get("ceil_mode", False)),
    )


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
