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


def read_fixed(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any]:
    """Read each ``KEY=VALUE``; the value is JSON, a list stands for a tuple."""
    fixed = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise click.BadParameter(f"{text!r} is not KEY=VALUE")
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        fixed[key] = tuple(read) if isinstance(read, list) else read
    return fixed


def read_places(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Read each ``NAME=PLACE``."""
    places = {}
    for text in values:
        name, equals, place = text.partition("=")
        if not (name and equals and place):
            raise click.BadParameter(f"{text!r} is not NAME=PLACE, such as weight=params[W]")
        places[name] = place
    return places
