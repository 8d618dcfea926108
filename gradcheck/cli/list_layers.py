"""``gradcheck list``: the registered layers, and those that do not load."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gradcheck.registry import Entry
    from gradcheck.spec import Spec

Row = tuple[str, str, str]
HEAD = ("layer", "from", "what it is, its spec and oracle")


@click.command("list", short_help="List the registered layers.")
def command() -> None:
    """List the registered layers: name, the package that ships it, summary, spec, oracle.

    A layer that does not load is listed with the reason. Specs that no layer is held against
    follow.
    """
    from gradcheck import registry

    served: set[str] = set()
    rows = [HEAD, *(_row(entry, served) for entry in registry.entries("layers"))]
    free = [e for e in registry.entries("specs") if not {e.name, e.qualified} & served]
    rows += [_free(entry) for entry in free]
    for line in _table(rows, shutil.get_terminal_size((80, 24)).columns):
        click.echo(line)
    if len(rows) == 1:
        click.echo("none is registered")


def _row(entry: Entry, served: set[str]) -> Row:
    from gradcheck import registry

    try:
        _, name, _ = registry.load_layer(entry.qualified)
        origin = registry.find("specs", name).origin
        spec = registry.load_spec(name)
    except (registry.LoadError, LookupError) as error:
        return entry.name, entry.origin, f"ERROR: {error}"
    served.add(name)
    home = "" if origin == entry.origin else f" of {origin}"
    return entry.name, entry.origin, f"{spec.summary}\nspec {spec.name}{home}, {_oracle(spec)}"


def _free(entry: Entry) -> Row:
    from gradcheck import registry

    try:
        spec = registry.load_spec(entry.qualified)
    except registry.LoadError as error:
        return entry.name, entry.origin, f"a spec. ERROR: {error}"
    return entry.name, entry.origin, f"{spec.summary}\na spec without a layer, {_oracle(spec)}"


def _oracle(spec: Spec) -> str:
    return f"oracle {spec.oracle.name if spec.oracle else f'none ({spec.no_oracle_because})'}"


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
