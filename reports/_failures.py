"""What went wrong: the smallest case, the entry, its three values, and how to see it again."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from gradcheck.case import Case
from gradcheck.discrepancy import Discrepancy
from gradcheck.finding import Crash, Failure
from gradcheck.report import LayerReport
from gradcheck.verdict import Verdict

from ._terminal import STYLES, Indented, facts
from ._words import count, exact, settings, shape, short

Facts = Iterator[tuple[str, str]]


def print_failures(console: Console, report: LayerReport, verbosity: int) -> None:
    """Print the smallest counterexample whole and name the others; all of them with ``-v``."""
    shown = report.failures if verbosity > 0 else report.failures[:1]
    for failure in shown:
        _print(console, Verdict.FAIL, f"{failure.check}: {failure.message}", _failure(failure))
        command(console, "this case alone", failure.reproduce)
    _name_others(console, report.failures[len(shown) :])


def print_crashes(console: Console, report: LayerReport, verbosity: int) -> None:
    """Print what the layer or the spec raised, and where; the whole traceback with ``-v``."""
    shown = report.crashes if verbosity > 0 else report.crashes[:1]
    for crash in shown:
        message = f"{crash.where} raised {crash.message}"
        _print(console, Verdict.ERROR, message, _crash(crash, verbosity))
        command(console, "this case alone", crash.reproduce)
    if more := len(report.crashes) - len(shown):
        console.print(Indented(f"and {count(more, 'other error')} (-v shows all)"))


def command(console: Console, what: str, text: str) -> None:
    """Print a command on a line of its own, never broken: it is there to be copied."""
    if text:
        console.print(Text(f"  reproduce {what}:", "dim"))
        console.print(Text(f"    {text}"), soft_wrap=True)


def _print(console: Console, verdict: Verdict, message: str, told: Facts) -> None:
    table = facts()
    for fact in told:
        table.add_row(*fact)
    console.print()
    console.print(Indented(Text.assemble((str(verdict), STYLES[verdict]), "  ", message)))
    console.print(Indented(table, 4))


def _failure(failure: Failure) -> Facts:
    if failure.cause:
        yield "cause", failure.cause
    yield from _case(failure.case)
    if failure.discrepancy:
        yield from _values(failure.discrepancy)
    if failure.jacobian:
        yield "Jacobian", _entry(failure.jacobian)


def _case(case: Case) -> Facts:
    if case.config:
        yield "config", settings(case.config)
    if not case.shapes:
        return
    shapes = "  ".join(f"{name} {shape(extents)}" for name, extents in case.shapes.items())
    yield "shapes", f"{shapes}  ({case.dtype})"


def _values(entry: Discrepancy) -> Facts:
    gradient = entry.output is None and entry.wrt != "output"
    yield "entry", f"{'d' * gradient}{entry.place}"
    yield "forward" if entry.wrt == "output" else "backward", exact(entry.backward)
    if entry.wrt != "output":
        yield "differences", exact(entry.differences)
    yield "autograd", exact(entry.autograd)
    ulps = "" if entry.ulps is None else f" ({short(entry.ulps)} ulp)"
    yield "apart by", f"{short(entry.size)}{ulps}"
    yield "bound", f"{short(entry.bound.value)}: {entry.bound.reason}"


def _entry(entry: Discrepancy) -> str:
    """Write one entry of the Jacobian with its values."""
    values = {
        "backward": entry.backward,
        "differences": entry.differences,
        "autograd": entry.autograd,
    }
    said = ", ".join(f"{name} {value:.9g}" for name, value in values.items() if value is not None)
    return f"{entry.place}: {said}"


def _crash(crash: Crash, verbosity: int) -> Facts:
    yield from _case(crash.case)
    lines = crash.traceback.rstrip().splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith("  File ")]
    if verbosity > 0 and lines:
        yield "traceback", "\n".join(lines)
    elif frames:
        yield "raised in", "\n".join(line.strip() for line in lines[frames[-1] :][:2])


def _name_others(console: Console, failures: tuple[Failure, ...]) -> None:
    if failures:
        names = dict.fromkeys(f"{failure.check} of {failure.wrt}" for failure in failures)
        others = count(len(failures), "other counterexample")
        line = f"and {others} (-v shows all): {', '.join(names)}"
        console.print(Indented(line))
