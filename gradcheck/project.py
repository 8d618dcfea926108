"""Project: the layers that a ``pyproject.toml`` lists, as the commands that check them.

An entry of ``[tool.gradcheck] layers`` is the name of a registered layer, or a table with the
arguments of ``gradcheck check``:

    layers = [
      "conv2d",
      {target = "layers.py:Dense", spec = "linear", fix = {bias = true}},
    ]
"""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

Listed = dict[str, tuple[str, ...] | None]
"""Arguments of ``gradcheck check`` by name; None for a registered layer."""


class ProjectError(ValueError):
    """An entry that cannot be read; the message says which and why."""


def read(folder: Path) -> Listed:
    """Return the layers that the project in a folder lists; none where it lists none.

    Raises
    ------
    ProjectError
        If an entry is no name and no table of arguments, or two have one name.
    """
    file = folder / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("gradcheck", {})
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"{file}: {error}") from None
    found: Listed = {}
    for entry in table.get("layers", []):
        name, arguments = (entry, None) if isinstance(entry, str) else _told(entry)
        if name in found:
            raise ProjectError(f"[tool.gradcheck] lists {name!r} twice; give one another name = ")
        found[name] = arguments
    return found


def parsed(arguments: tuple[str, ...]) -> None:
    """Raise ProjectError unless ``gradcheck check`` takes the arguments; nothing is loaded."""
    import click

    from gradcheck.cli.check import command

    try:
        command.make_context("gradcheck check", [*arguments])
    except click.ClickException as error:
        said = " ".join(arguments)
        raise ProjectError(f"[tool.gradcheck] {said}: {error.format_message()}") from None


def check(folder: Path, arguments: tuple[str, ...]) -> tuple[int, str]:
    """Run ``gradcheck check`` in the project's folder; return its exit code and what it said."""
    import click

    from gradcheck.cli import main

    said, aside = io.StringIO(), io.StringIO()
    with chdir(folder), redirect_stdout(said), redirect_stderr(aside):
        try:
            code = main.main(["check", *arguments], standalone_mode=False) or 0
        except click.ClickException as error:
            code = error.exit_code
            print(f"Error: {error.format_message()}")
    return code, f"{_headline(said.getvalue())}{aside.getvalue()}{said.getvalue()}"


def _headline(said: str) -> str:
    """Return the verdict, which is to come first: pytest's summary shows one line."""
    wrong = ("  FAIL  ", "  ERROR  ", "  INCONCLUSIVE  ")
    told = (line for line in said.splitlines() if any(word in line for word in wrong))
    return "".join(f"{line}\n" for line in [*told][:1])


def _told(entry: Any) -> tuple[str, tuple[str, ...]]:
    """Return the name of an entry and its arguments."""
    first = entry.get("target", entry.get("forward")) if isinstance(entry, Mapping) else None
    if not isinstance(first, str):
        raise ProjectError(
            f"[tool.gradcheck] layers: {entry!r} is neither the name of a registered layer nor a "
            f"table such as {{target = 'layers.py:Dense', spec = 'linear'}}"
        )
    name = str(entry.get("name", first.rpartition(":")[2]))
    options = {key: value for key, value in entry.items() if key not in ("name", "target")}
    words = [word for key, value in options.items() for word in _words(key, value)]
    return name, (*([entry["target"]] if "target" in entry else []), *words)


def _words(key: str, value: Any) -> Iterator[str]:
    """Write an option as the shell would.

    >>> [*_words("weight_layout", "HWIO"), *_words("fix", {"groups": 1, "bias": True})]
    ['--weight-layout', 'HWIO', '--fix', 'groups=1', '--fix', 'bias=true']
    """
    option = f"--{key.replace('_', '-')}"
    if isinstance(value, bool):
        yield from [option] * value
    elif isinstance(value, Mapping):
        for name, given in value.items():
            yield from (option, f"{name}={_text(given)}")
    else:
        yield from (option, _text(value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
