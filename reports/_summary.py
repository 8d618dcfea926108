"""The end of the report: a line for each layer, and one for the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from gradcheck.report import LayerReport, RunReport
from gradcheck.verdict import Verdict

from ._terminal import STYLES, Indented, ruled
from ._words import count, duration


def print_summary(console: Console, reports: Sequence[LayerReport]) -> None:
    """Print a table with a row for each layer."""
    table = ruled()
    table.add_column("layer", overflow="fold")
    table.add_column("verdict")
    for head in ("cases", "classes", "notes", "time"):
        table.add_column(head, justify="right")
    for report in reports:
        table.add_row(*_row(report))
    console.print()
    console.print(Indented(table, 0))


def _row(report: LayerReport) -> list[str | Text]:
    asked = [one for one in report.coverage if one.left_out is None]
    classes = f"{sum(one.covered for one in asked)}/{len(asked)}" if asked else "-"
    verdict = Text(str(report.verdict), STYLES[report.verdict])
    notes = str(len(report.notes) or "-")
    return [report.layer, verdict, str(report.cases), classes, notes, duration(report.seconds)]


def print_end(console: Console, report: RunReport, asked: Sequence[str]) -> None:
    """Print what the run as a whole lacks, and last its verdict."""
    for complaint in report.complaints:
        console.print()
        word = ("missing", STYLES[Verdict.INCONCLUSIVE])
        console.print(Indented(Text.assemble(word, "  ", complaint), 0))
    done = {one.layer for one in report.layers}
    left = [name for name in asked if not {name, name.rpartition(":")[2]} & done]
    if left:
        console.print()
        console.print(Indented(f"not checked: {', '.join(left)}", 0))
    console.print()
    console.print(end(report, len(asked)), soft_wrap=True)


def end(report: RunReport, asked: int) -> Text:
    """Return the last line: how many layers, how many of each verdict, how long."""
    counts = Counter(one.verdict for one in report.layers)
    said = [Text(f"{counts[v]} {v}", STYLES[v]) for v in Verdict if counts[v]]
    if report.complaints:
        said.append(Text(f"{len(report.complaints)} missing", STYLES[Verdict.INCONCLUSIVE]))
    if not counts:
        said.append(Text("nothing was checked", STYLES[Verdict.INCONCLUSIVE]))
    total = count(len(report.layers), "layer")
    if report.interrupted:
        total = f"INTERRUPTED after {len(report.layers)} of {count(asked, 'layer')}"
    return Text(f"{total}: ") + Text(", ").join(said) + Text(f" in {duration(report.seconds)}")
