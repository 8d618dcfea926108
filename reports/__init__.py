"""Renderers: events in, one format out; one format a file.

Each is a factory ``factory(stream, *, verbosity)`` of a `gradcheck.events.Reporter`, registered
under the entry-point group ``gradcheck.reporters``; a third party's format is found the same way.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that each line of the NDJSON report keeps.

    Examples
    --------
    >>> from gradcheck.reports import schema
    >>> schema()["title"]
    'A line of a gradcheck report'
    """
    text = files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
