"""Values that the command line reads, each with its message where it is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gradcheck.case import Case


@dataclass(frozen=True)
class Output:
    """A format and where it goes: a file, or standard output where ``path`` is None."""

    format: str
    path: Path | None = None


def read_outputs(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[Output]:
    """Read each ``NAME[=PATH]``; the path ``-`` is standard output."""
    return [_output(value) for value in values]


def _output(text: str) -> Output:
    name, equals, path = text.partition("=")
    if equals and not path:
        raise click.BadParameter(f"{text!r} names no file after '='")
    return Output(name, Path(path) if path not in ("", "-") else None)


def read_case(ctx: click.Context, param: click.Parameter, text: str | None) -> Case | None:
    """Read a case from JSON, or from the file that ``@FILE`` names."""
    if text is None:
        return None
    try:
        return _case(Path(text[1:]).read_text(encoding="utf-8") if text[:1] == "@" else text)
    except (OSError, ValueError, TypeError) as error:
        raise click.BadParameter(f"not a case: {error}") from None


def _case(text: str) -> Case:
    from gradcheck.case import Case

    data: Any = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError(f"a case is a JSON object, not {data!r:.60}")
    return Case.from_dict(data)
