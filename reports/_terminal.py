"""The terminal: width, colour and characters that the stream can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.box import Box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table

from gradcheck.verdict import Verdict

WIDTH = 80
"""Columns where there is no terminal to ask."""

RULED = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
"""A table with one line, under its head; the same on every terminal."""

STYLES = {
    Verdict.PASS: "bold green",
    Verdict.FAIL: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.ERROR: "bold magenta",
}
"""Colour helps; the word alone tells."""


def interactive(stream: TextIO) -> bool:
    """Tell whether somebody watches: FORCE_COLOR asks for colour, not for a moving bar."""
    return stream.isatty()


def terminal(stream: TextIO) -> Console:
    """Return a console on the stream; NO_COLOR and FORCE_COLOR are rich's to honour.

    Nothing written is read as markup, and a character that the stream cannot encode is escaped.
    """
    if reconfigure := getattr(stream, "reconfigure", None):
        reconfigure(errors="backslashreplace")
    width = None if interactive(stream) else WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


class Indented:
    """Anything, moved to the right, without rich's blanks at the ends of lines."""

    def __init__(self, inner: RenderableType, indent: int = 2) -> None:
        self._inner = inner
        self._indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        narrower = options.update_width(options.max_width - self._indent)
        for line in console.render_lines(self._inner, narrower, pad=False):
            if kept := _without_blanks_at_end(line):
                yield Segment(" " * self._indent)
                yield from kept
            yield Segment.line()


def _without_blanks_at_end(line: list[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1] = Segment(kept[-1].text.rstrip(), kept[-1].style)
    return kept


def facts() -> Table:
    """Return a table without lines: what is told, and what is to be told of it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", overflow="fold")
    table.add_column(overflow="fold")
    return table


def ruled() -> Table:
    """Return a table with a line under its head."""
    return Table(box=RULED, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
