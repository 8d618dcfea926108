from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gradcheck.cli import main

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
PINS = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
]

HOSTS = ("py" + "pi.org", "python" + "hosted", "download.py" + "torch", "ana" + "conda.org")
PLACES = re.compile(r"(?<![\w.$}*~/:-])/(?:work|root|home|Users|opt|mnt)/[\w.]")
"""Folders of one machine; ``/path/to`` and ``/tmp`` are examples, and are let through."""


def fenced(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text()
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)


def said(document: str) -> Iterator[str]:
    """Yield each command of a document: lines of shell blocks, and code in running text."""
    text = (ROOT / document).read_text()
    for block in fenced(document, "sh"):
        yield from block.splitlines()
    yield from re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def words(command: str, program: str) -> list[str]:
    """Return the words after the program; options, values and paths come later."""
    found = re.match(rf"(?:\.venv/bin/)?(?:python -m )?{program}((?: [\w-]+)*)", command)
    return found[1].split() if found else []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_target_of_make_exists(document: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {target for command in said(document) for target in words(command, "make")}
    assert asked <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_exists(document: str) -> None:
    known = set(getattr(main, "commands", {})) | set(main.list_commands(None))  # type: ignore[arg-type]
    asked = {found[0] for command in said(document) if (found := words(command, "gradcheck"))}
    assert {name for name in asked if not name.startswith("-")} <= known


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / document).read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_option_exists(document: str) -> None:
    for command in said(document):
        names = words(command, "gradcheck")
        if names and names[0] in main.list_commands(None):  # type: ignore[arg-type]
            options = main.get_command(None, names[0]).params  # type: ignore[arg-type,union-attr]
            known = {name for option in options for name in option.opts} | {"--help"}
            assert set(re.findall(r"(?<= )--[\w-]+", command)) <= known, command


def test_the_readme_opens_with_two_commands() -> None:
    lines = [line for line in (ROOT / "README.md").read_text().splitlines() if line]
    assert lines[:5] == ["# gradcheck", "```sh", "make report", "make test", "```"]


def test_the_readmes_python_works() -> None:
    blocks = fenced("README.md", "python")
    assert blocks
    exec(compile("\n".join(blocks), "README.md", "exec"), {"__name__": "readme"})


def test_every_exit_code_is_told() -> None:
    told = re.findall(r"^\| (\d+) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    held = re.findall(r"^ +(\d+)  ", main.epilog or "", re.MULTILINE)
    assert told == held


def test_torch_is_pinned() -> None:
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text().splitlines()


def test_every_pin_is_exact_and_there_once() -> None:
    names = [canonicalize_name(pin.name) for pin in PINS]
    assert len(names) == len(set(names))
    for pin in PINS:
        assert re.fullmatch(r"==[\w.]+", str(pin.specifier)), pin


PEERS = {"autograd", "jax", "jaxlib", "ml-dtypes", "numdifftools", "opt-einsum", "scipy"}
"""What the extra `peers` brings: pinned as well, and not installed for the tests."""


def test_all_that_is_installed_is_pinned() -> None:
    pinned = {canonicalize_name(pin.name) for pin in PINS}
    assert pinned == needed("gradcheck", {"dev", "examples", "torch"}) | PEERS


def needed(package: str, extras: set[str]) -> set[str]:
    """Return every distribution that an installation of the package brings."""
    found: set[str] = set()
    left = [(package, frozenset(extras))]
    seen = set(left)
    while left:
        name, wanted = left.pop()
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue
        for requirement in map(Requirement, lines):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in wanted | {""}):
                found.add(canonicalize_name(requirement.name))
                step = (requirement.name, frozenset(requirement.extras))
                left += {step} - seen
                seen.add(step)
    return found


def improper(text: str) -> list[str]:
    """Return what ties a file to one machine: the host of a registry, a folder."""
    hosts = [host for host in HOSTS if host in text]
    return hosts + [found[0] for found in PLACES.finditer(text)]


def test_no_file_names_a_registry_or_a_machine() -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git repository")
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    texts = {path: path.read_text(errors="replace") for path in paths if path.is_file()}
    problems = {str(path.relative_to(ROOT)): improper(text) for path, text in texts.items()}
    assert {path: found for path, found in problems.items() if found} == {}


@pytest.mark.parametrize(
    "text",
    [
        "https://" + HOSTS[0] + "/project/numpy",
        "pip install --index-url https://" + HOSTS[2] + ".org/whl/cpu",
        "cd /" + "work/main",
        "'/" + "home/somebody/x'",
        "see (/" + "root/.cache)",
    ],
)
def test_a_registry_or_a_machine_is_found(text: str) -> None:
    assert improper(text)


@pytest.mark.parametrize("text", ["/path/to/file.py", "reports/work/a", "~/work/a", "a/opt/b"])
def test_other_paths_are_let_through(text: str) -> None:
    assert not improper(text)
