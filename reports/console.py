"""Console: the error report for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.text import Text

from gradcheck.events import CasesChecked, Event, LayerFinished, RunFinished, RunStarted
from gradcheck.report import LayerReport

from ._layer import print_layer
from ._progress import Silence, Watch, watch
from ._summary import print_end, print_summary
from ._terminal import Indented, interactive, terminal
from ._words import count


class Console:
    """Show progress, then the error report of each layer, a summary, and the verdict last.

    Parameters
    ----------
    stream : TextIO
        Where the report goes; a bar moves there only if it is a terminal.
    verbosity : int, optional
        -2 for the layers that did not pass and the last line, -1 for the table of all layers
        besides, 1 for every counterexample and the table of configurations.
    """

    def __init__(self, stream: TextIO, *, verbosity: int = 0) -> None:
        self._console = terminal(stream)
        self._bar = interactive(stream)
        self._verbosity = verbosity
        self._asked: tuple[str, ...] = ()
        self._unprinted: list[LayerReport] = []
        self._watch: Watch = Silence()

    def __call__(self, event: Event, /) -> None:
        """Take one event."""
        match event:
            case RunStarted():
                self._start(event)
            case CasesChecked():
                self._watch.advance(event.layer, event.done / max(event.total, 1))
            case LayerFinished():
                self._watch.finish(event.report)
                self._unprinted.append(event.report)
            case RunFinished():
                self._print(event.report.layers)
                print_end(self._console, event.report, self._asked)

    def close(self) -> None:
        """Print the reports that a run broken off left unprinted."""
        self._watch.stop()
        if self._unprinted:
            self._print(self._unprinted)

    def _start(self, event: RunStarted) -> None:
        self._asked = event.layers
        if self._verbosity < -1:
            return
        versions = ", ".join(f"{name} {version}" for name, version in event.versions.items())
        self._console.print(Indented(Text(versions, "dim"), 0))
        self._console.print(f"checking {count(len(event.layers), 'layer')}")
        if len(event.layers) > 1:
            self._console.print()
        self._watch = watch(self._console, len(event.layers), bar=self._bar)

    def _print(self, reports: Sequence[LayerReport]) -> None:
        self._watch.stop()
        self._unprinted = []
        for report in reports:
            if self._verbosity >= 0 or not report.passed:
                print_layer(self._console, report, self._verbosity)
        if self._verbosity >= -1 and len(reports) > 1:
            print_summary(self._console, reports)
