"""NDJSON: one JSON object a line, for programs; `gradcheck.reports.schema` describes the lines."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TextIO

from gradcheck.events import Event, LayerFinished, RunFinished, RunStarted

SCHEMA = 1
"""Version of the lines: raised when a key goes or changes its meaning, not when one is added."""


class Ndjson:
    """Write a line when the run starts, when a layer is finished, and when the run is.

    Each line is flushed by itself, so that a run cut short leaves all that was computed.

    Parameters
    ----------
    stream : TextIO
        Where the lines go.
    verbosity : int, optional
        Taken for the protocol's sake: programs get everything.
    """

    def __init__(self, stream: TextIO, *, verbosity: int = 0) -> None:
        self._stream = stream

    def __call__(self, event: Event, /) -> None:
        """Write the event's line, if it has one."""
        match event:
            case RunStarted():
                self._write("run_started", _started(event))
            case LayerFinished():
                self._write("layer_finished", event.report.to_dict())
            case RunFinished():
                self._write("run_finished", event.report.to_dict())

    def close(self) -> None:
        """Leave it at that: every line already stands by itself."""

    def _write(self, name: str, data: Mapping[str, Any]) -> None:
        line = plain({"schema": SCHEMA, "event": name, **data})
        self._stream.write(json.dumps(line, allow_nan=False) + "\n")
        self._stream.flush()


def _started(event: RunStarted) -> dict[str, Any]:
    return {
        "layers": event.layers,
        "settings": event.settings,
        "versions": event.versions,
    }


def plain(value: Any) -> Any:
    """Return a value that JSON can write: NaN and infinities by name, NumPy scalars as numbers.

    Examples
    --------
    >>> from gradcheck.reports.ndjson import plain
    >>> plain({"worst": float("inf"), "index": (0, 1)})
    {'worst': 'Infinity', 'index': [0, 1]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "item"):  # a NumPy scalar
        return plain(value.item())
    if isinstance(value, float):
        return _number(value)
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _number(value: float) -> float | str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value
