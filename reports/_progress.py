"""Progress: a bar where somebody watches, a line for each finished layer elsewhere."""

from __future__ import annotations

from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gradcheck.report import LayerReport

from ._layer import header


class Watch(Protocol):
    """What shows that the run goes on."""

    def advance(self, layer: str, share: float) -> None:
        """Take the share of a layer's cases that is done."""

    def finish(self, report: LayerReport) -> None:
        """Take a finished layer."""

    def stop(self) -> None:
        """Leave the screen as it should stay; may be called twice."""


class Silence:
    """Nothing, for ``-q``."""

    def advance(self, layer: str, share: float) -> None:
        """Say nothing."""

    def finish(self, report: LayerReport) -> None:
        """Say nothing."""

    def stop(self) -> None:
        """Say nothing."""


class Lines(Silence):
    """A line for each layer as it finishes, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def finish(self, report: LayerReport) -> None:
        """Print the layer's line."""
        self._console.print(header(report), soft_wrap=True)


class Bar(Lines):
    """A bar over all layers, under the lines of the finished ones; it goes when the run ends."""

    def __init__(self, console: Console, total: int) -> None:
        super().__init__(console)
        self._total = total
        self._shares: dict[str, float] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(None),
            MofNCompleteColumn(),
            TextColumn("layers"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._progress.add_task("checking", total=total)
        self._progress.start()

    def advance(self, layer: str, share: float) -> None:
        """Move the bar."""
        self._shares[layer] = max(share, self._shares.get(layer, 0.0))  # news may come late
        self._update()

    def finish(self, report: LayerReport) -> None:
        """Print the layer's line above the bar."""
        if self._total > 1:
            super().finish(report)
        self._shares[report.layer] = 1.0
        self._update()

    def stop(self) -> None:
        """Take the bar off the screen."""
        self._progress.stop()

    def _update(self) -> None:
        running = [name for name, share in self._shares.items() if share < 1]
        self._progress.update(
            self._task,
            completed=sum(self._shares.values()),
            description=", ".join(running) or "checking",
        )


def watch(console: Console, total: int, *, bar: bool) -> Watch:
    """Return what fits; of a single layer the report tells all, at once."""
    if bar:
        return Bar(console, total)
    return Lines(console) if total > 1 else Silence()
