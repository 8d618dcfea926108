"""``gradcheck list``: the registered layers, and those that do not load."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gradcheck.registry import Entry

Row = tuple[str, str, str]
HEAD = ("layer", "from", "what it is, its spec and oracle")


@click.command("list", short_help="List the registered layers.")
def command() -> None:
    """List the registered layers: name, the package that ships it, summary, spec, oracle.

    A layer that does not load is listed with the reason.
    """
    from gradcheck import registry

    rows = [HEAD, *(_row(entry) for entry in registry.entries("layers"))]
    for line in _table(rows, shutil.get_terminal_size((80, 24)).columns):
        click.echo(line)
    if len(rows) == 1:
        click.echo("none is registered")


def _row(entry: Entry) -> Row:
    from gradcheck import registry

    try:
        _, name, _ = registry.load_layer(entry.qualified)
        spec = registry.load_spec(name)
    except (registry.LoadError, LookupError) as error:
        return entry.name, entry.origin, f"ERROR: {error}"
    oracle = spec.oracle.name if spec.oracle else f"none ({spec.no_oracle_because})"
    return entry.name, entry.origin, f"{spec.summary}\nspec {name}, oracle {oracle}"


def _table(rows: list[Row], width: int) -> Iterator[str]:
    """Lay the rows out; the last column takes the lines that it needs."""
    sizes = [max(len(row[column]) for row in rows) for column in range(2)]
    indent = sum(sizes) + 4
    for number, row in enumerate(rows):
        left = "  ".join(cell.ljust(size) for cell, size in zip(row, sizes, strict=False))
        for line in _wrapped(row[2], max(30, width - indent)):
            yield f"{left:{indent}}{line}".rstrip()
            left = ""
        if number == 0:
            yield "-" * min(width, indent + len(HEAD[2]))


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in text.splitlines():
        yield from textwrap.wrap(line, width, break_long_words=False) or [""]
