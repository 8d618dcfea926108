"""The error table: who disagrees with whom, how far, and how far they may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from gradcheck.finding import COLUMNS, Failure
from gradcheck.report import Comparison, LayerReport

from ._terminal import ruled
from ._words import short

if TYPE_CHECKING:
    from gradcheck.discrepancy import Discrepancy

Place = tuple[str, str, str]
"""Dtype, array, column."""


def error_table(report: LayerReport) -> Table | None:
    """Return the table: a row for the output and each gradient in each dtype, a column a pair.

    None where nothing was compared.
    """
    cells = {**_held(report), **_broken(report)}
    if not cells:
        return None
    table = ruled()
    table.add_column("", overflow="fold")
    for column in COLUMNS:
        table.add_column(column.replace("/", " -\n"), overflow="fold", min_width=18)
    for row in _rows(cells):
        table.add_row(*row)
    return table


def _rows(cells: Mapping[Place, Text]) -> Iterator[list[str | Text]]:
    compared = {column for _, _, column in cells}
    none = [Text("-" if column in compared else "not checked", "dim") for column in COLUMNS]
    for dtype in dict.fromkeys(dtype for dtype, _, _ in cells):
        yield [Text(dtype, "dim")]
        arrays = dict.fromkeys(wrt for kind, wrt, _ in cells if kind == dtype)
        for wrt in sorted(arrays, key=lambda wrt: wrt != "output"):
            name = "output" if wrt == "output" else f"d{wrt}"
            places = [(dtype, wrt, column) for column in COLUMNS]
            yield [f"  {name}", *map(cells.get, places, none)]


def _held(report: LayerReport) -> dict[Place, Text]:
    return {(c.dtype, c.wrt, c.column): _cell(c) for c in report.comparisons}


def _cell(comparison: Comparison) -> Text:
    bound = comparison.bound.value
    if comparison.worst > bound:
        return _wrong(comparison.worst, bound)
    if bound == 0:
        return Text("0 (exact)")
    if comparison.worst == 0:
        return Text(f"0 <= {short(bound)}")
    ulps = f" ({short(comparison.ulps)} ulp)" if comparison.ulps else ""
    return Text(f"{short(comparison.worst)}{ulps}\n<= {short(bound)}")


def _wrong(size: float, bound: float) -> Text:
    return Text(f"WRONG by {short(size)}\nbound {short(bound)}", "bold red")


def _broken(report: LayerReport) -> dict[Place, Text]:
    cells: dict[Place, Text] = {}
    for failure in reversed(report.failures):  # the smallest comes first, and stays
        cells.update(_broken_cells(failure))
    return cells


def _broken_cells(failure: Failure) -> Iterator[tuple[Place, Text]]:
    if failure.discrepancy is None:
        place = (failure.case.dtype, failure.wrt, COLUMNS[0])
        yield place, Text("WRONG, see below", "bold red")
        return
    bound = failure.discrepancy.bound.value
    for column in COLUMNS[:2]:
        size = _distance(failure.discrepancy, column)
        if size is not None and not size <= bound:
            yield (failure.case.dtype, failure.wrt, column), _wrong(size, bound)


def _distance(discrepancy: Discrepancy, column: str) -> float | None:
    left, right = (getattr(discrepancy, side) for side in column.split("/"))
    return None if left is None or right is None else abs(left - right)
