"""The error report of one layer."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from gradcheck.report import Certificate, LayerReport, Power

from ._coverage import coverage_facts, print_coverage
from ._errors import error_table
from ._failures import command, print_crashes, print_failures
from ._terminal import STYLES, Indented, facts
from ._words import count, duration, settings, short


def print_layer(console: Console, report: LayerReport, verbosity: int) -> None:
    """Print the whole error report: verdict, table, what it is worth, what went wrong."""
    console.print()
    console.print(header(report), soft_wrap=True)
    if not report.passed and report.reason:
        console.print(Indented(report.reason))
    if table := error_table(report):
        console.print()
        console.print(Indented(table))
    print_failures(console, report, verbosity)
    print_crashes(console, report, verbosity)
    _print_facts(console, report, verbosity)
    if verbosity > 0:
        print_coverage(console, report)
    command(console, "this report", report.reproduce)


def header(report: LayerReport) -> Text:
    """Return the line that says it all: name, verdict, cases, time, regimes."""
    name = report.layer if report.spec in ("", report.layer) else f"{report.layer} ({report.spec})"
    regimes = ", ".join(f"{regime} {n}" for regime, n in report.regimes.items() if n)
    work = f"{count(report.cases, 'case')} in {duration(report.seconds)}"
    return Text.assemble(
        (name, "bold"),
        "  ",
        (str(report.verdict), STYLES[report.verdict]),
        f"  {work}",
        f"  ({regimes})" if regimes else "",
    )


def _print_facts(console: Console, report: LayerReport, verbosity: int) -> None:
    table = facts()
    for fact in _facts(report, verbosity):
        table.add_row(*fact)
    if report.comparisons or report.failures or report.crashes:
        console.print()
    if table.row_count:
        console.print(Indented(table))


def _facts(report: LayerReport, verbosity: int) -> Iterator[tuple[str, str]]:
    for doubt in report.doubts:
        where = f"{doubt.check} of {doubt.wrt}" if doubt.wrt else doubt.check
        yield "too weak", f"{where}, {count(doubt.count, 'case')}: {doubt.reason}"
    yield from _certificate(report.certificate)
    yield from _power(report.power)
    yield from coverage_facts(report)
    if report.fixed or report.where:
        yield "narrowed to", f"{settings(report.fixed)} {report.where}".strip()
    for note in report.notes:
        yield "note", f"{note.message} ({note.name}, {count(note.count, 'case')})"
    for line in report.not_checked:
        yield "not checked", line
    if verbosity > 0:
        yield "made with", _made_with(report)


def _certificate(certificate: Certificate) -> Iterator[tuple[str, str]]:
    if certificate.miss is not None:
        seen = "a wrong gradient at a checked point goes unseen with probability at most"
        yield "certificate", f"{seen} {short(certificate.miss)}"
    if certificate.bar is not None:
        bars = "error bars of the differences are at most"
        yield "certificate", f"{bars} {short(certificate.bar)} of the gradient's largest entry"


def _power(powers: tuple[Power, ...]) -> Iterator[tuple[str, str]]:
    """Say what would have been seen, one line a dtype."""
    for dtype in dict.fromkeys(power.dtype for power in powers):
        each = ", ".join(f"d{p.wrt} {_seen(p)}" for p in powers if p.dtype == dtype)
        yield "power", f"errors seen in {dtype}, relative to the largest entry: {each}"


def _seen(power: Power) -> str:
    """Say what shows; an error as large as the gradient itself may hide in sums in float16."""
    return short(power.value) if power.value < 1 else "none"


def _made_with(report: LayerReport) -> str:
    dtypes = " and ".join(report.dtypes)
    made = f"{report.examples} examples, seed {report.seed}, profile {report.profile}, {dtypes}"
    return f"{made}; layer from {report.origin}" if report.origin else made
