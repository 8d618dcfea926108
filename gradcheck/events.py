"""Events: what the runner says while it runs; reporters listen, the runner knows none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from gradcheck.report import LayerReport, RunReport


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """The run begins: the layers to check, how, and the versions that answer."""

    layers: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LayerStarted:
    """A layer's first case is about to be drawn."""

    layer: str


@dataclass(frozen=True, kw_only=True)
class CasesChecked:
    """Some cases of a layer are done: ``done`` of about ``total``."""

    layer: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class LayerFinished:
    """A layer's report is ready."""

    report: LayerReport


@dataclass(frozen=True, kw_only=True)
class RunFinished:
    """The run is over, interrupted or not."""

    report: RunReport


Event: TypeAlias = RunStarted | LayerStarted | CasesChecked | LayerFinished | RunFinished


class Reporter(Protocol):
    """A listener that renders events into one format.

    Registered under the entry-point group ``gradcheck.reporters`` as a callable
    ``factory(stream, *, verbosity)``; ``stream`` is an open text stream, ``verbosity`` is 0,
    1 with ``-v``, -2 with ``-q``, and -1 for the gate, which tells passing layers in a table.
    """

    def __call__(self, event: Event, /) -> None:
        """Take one event."""
        ...

    def close(self) -> None:
        """Finish the output; called once, also after Ctrl-C."""
        ...
