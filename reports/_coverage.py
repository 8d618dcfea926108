"""Configuration classes: which were reached, which not, which were left out and why."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from gradcheck.report import LayerReport

from ._terminal import Indented, ruled


def coverage_facts(report: LayerReport) -> Iterator[tuple[str, str]]:
    """Yield how many classes were covered, and name those that were not."""
    asked = [c for c in report.coverage if c.left_out is None]
    missed = [c.name for c in asked if not c.covered]
    if asked:
        yield "covered", f"{len(asked) - len(missed)} of {len(asked)} classes of configurations"
    if missed:
        yield "not covered", ", ".join(missed)
    for one in report.coverage:
        if one.left_out is not None:
            yield "left out", f"{one.name}: {one.left_out}"


def print_coverage(console: Console, report: LayerReport) -> None:
    """Print how many cases fell into each class."""
    if not report.coverage:
        return
    table = ruled()
    table.add_column("class of configurations", overflow="fold")
    table.add_column("cases", justify="right")
    for one in report.coverage:
        cases = str(one.cases) if one.left_out is None else "left out"
        table.add_row(one.name, cases if one.covered or one.left_out else "NONE")
    console.print()
    console.print(Indented(table))
    console.print()
