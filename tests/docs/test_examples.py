"""Every example of the guide is run as it stands, and says what the guide says it says.

A block ``python NAME.py`` is a file of the reader's; a block ``python`` is run, and what it prints
is in the ``text`` block that follows; in a ``console`` block each line after ``$`` is a command and
the lines below it are its output, with ``exit=N`` beside ``console`` where it does not end with 0.
An ellipsis stands for anything.
"""

from __future__ import annotations

import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from gradcheck.cli import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    page.relative_to(DOCS).as_posix()
    for page in DOCS.rglob("*.md")
    if re.search(r"^```(python|console)", page.read_text(), re.MULTILINE)
)
FENCE = re.compile(r"^```(\w+)[ ]*(.*?)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MATCH = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block of a page: its language, what stands beside it, its text, its line."""

    language: str
    beside: str
    text: str
    line: int


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [
        Block(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(text)
    ]


def commands(console: str) -> Iterator[tuple[str, str]]:
    """Yield each command with the output shown below it."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        count = 1 + next(n for n, line in enumerate(lines) if not line.endswith("\\\n"))
        yield "".join(lines[:count]).replace("\\\n", " ").strip(), "".join(lines[count:])


def shell(command: str) -> tuple[int, str]:
    """Run a command; those of ours in this process, which has imported everything."""
    said, words = io.StringIO(), shlex.split(command)
    if words[0] == "gradcheck":
        with redirect_stdout(said), redirect_stderr(said):
            return main.main(words[1:], standalone_mode=False) or 0, said.getvalue()
    words = [sys.executable, "-m", *words] if words[0] == "pytest" else words
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def run(page: list[Block]) -> Iterator[tuple[Block, str, str]]:
    """Run the blocks of a page in order; yield what was expected and what was got."""
    scope: dict[str, Any] = {"__name__": "page"}
    printed = ""
    for block in page:
        if block.language == "python" and block.beside:
            Path(block.beside).parent.mkdir(parents=True, exist_ok=True)
            Path(block.beside).write_text(block.text)
        elif block.language == "toml" and block.beside:
            Path(block.beside).write_text(block.text)
        elif block.language == "python":
            said = io.StringIO()
            with redirect_stdout(said):
                exec(compile("\n" * block.line + block.text, "page", "exec"), scope)
            printed = said.getvalue()
        elif block.language == "text":
            yield block, block.text, printed
        elif block.language == "console":
            wanted = int(block.beside.removeprefix("exit=") or 0)
            for command, shown in commands(block.text):
                code, said_there = shell(command)
                yield block, f"{shown}exit {wanted}\n", f"{said_there}exit {code}\n"


def alike(wanted: str, got: str) -> bool:
    """Tell whether an output is what the page shows."""
    return doctest.OutputChecker().check_output(wanted, got, MATCH)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in a folder of the reader's, of whose modules nothing is left."""
    _forget(tmp_path.parent)  # what another test loaded under the name of a page's file
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    profile = settings.get_current_profile_name()
    settings.register_profile("page", deadline=None, suppress_health_check=[*HealthCheck])
    settings.load_profile("page")  # nothing is timed
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # as it is for a reader
        yield tmp_path
    settings.load_profile(profile)
    _forget(tmp_path)


def _forget(folder: Path) -> None:
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(os.fspath(folder)):
            del sys.modules[name]


SLOW = ("tests.md", *(f"first-layer/{n}.md" for n in ("keras-like", "cs231n", "isolation", "loss")))
MARKED = [pytest.param(n, marks=[pytest.mark.environment] * (n in SLOW), id=n) for n in PAGES]


@pytest.mark.parametrize("name", MARKED)
def test_a_page_does_what_it_shows(name: str, reader: Path) -> None:
    page = blocks((DOCS / name).read_text())
    if any("import torch" in block.text for block in page):
        pytest.importorskip("torch")
    if any("import jax" in block.text for block in page):
        pytest.importorskip("jax")
    for block, wanted, got in run(page):
        assert alike(wanted, got), (
            f"docs/{name}, line {block.line}\n--- shown\n{wanted}\n--- got\n{got}"
        )


STYLES = (
    "class.md", "closure.md", "context.md", "cs231n.md", "derivative.md", "explicit.md",
    "functions.md", "isolation.md", "jax.md", "keras-like.md", "loss.md", "network.md", "tape.md",
    "torch-function.md",
)  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_each_style_has_a_right_and_a_wrong_layer(style: str) -> None:
    text = (DOCS / "first-layer" / style).read_text()
    assert "PASS" in text
    assert "FAIL" in text
    assert f"first-layer/{style}" in (DOCS / "first-layer.md").read_text()


def test_an_output_that_is_not_shown_is_found(reader: Path) -> None:
    page = blocks("```python\nprint(1)\n```\n\n```text\n2\n```\n")
    assert [alike(wanted, got) for _, wanted, got in run(page)] == [False]
    page = blocks("```console\n$ gradcheck list\nnothing\n```\n")
    assert [alike(wanted, got) for _, wanted, got in run(page)] == [False]
    page = blocks("```console\n$ gradcheck run \\\n    conv2 --examples 3\n...\n```\n")
    with pytest.raises(Exception, match="conv2"):
        [*run(page)]


@pytest.mark.parametrize("name", [page.relative_to(ROOT).as_posix() for page in DOCS.rglob("*.md")])
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
