"""CONTRIBUTING.md, followed to the word: the layer that it adds passes its check."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = (
    "gradcheck",
    "properties",
    "reference",
    "reports",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)

pytestmark = pytest.mark.environment


def blocks(language: str) -> list[str]:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Copy the project, and do to the copy what the document says."""
    copy = tmp_path / "source"
    copy.mkdir()
    for name in COPIED:
        whole, part = ROOT / name, copy / name
        if whole.is_dir():
            shutil.copytree(whole, part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(whole, part)
    layer, plan, spec = blocks("python")
    (copy / "reference" / "atan.py").write_text(layer)
    append(copy / "properties" / "_activation_plans.py", plan)
    append(copy / "properties" / "activations.py", spec)
    activations = copy / "properties" / "activations.py"
    activations.write_text(
        re.sub(r"(from \._activation_plans import \(\n)", r"\1    ATAN,\n", activations.read_text())
    )
    (table,) = blocks("toml")
    register(copy / "pyproject.toml", table)
    return copy


def append(path: Path, text: str) -> None:
    path.write_text(f"{path.read_text()}\n\n{text}")


def register(path: Path, table: str) -> None:
    """Put each line of the tables of entry points under its heading."""
    text = path.read_text()
    for heading, line in re.findall(r"^(\[.*\])\n(.*)$", table, re.MULTILINE):
        assert heading in text
        text = text.replace(heading, f"{heading}\n{line}")
    path.write_text(text)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT / "docs", env={**os.environ, **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_layer_of_the_document_passes(source: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    built = run(
        "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps",
        "--no-build-isolation", "--target", str(site), str(source),
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    done = run("-m", "gradcheck", "run", "atan", PYTHONPATH=str(site))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "atan  PASS" in done.stdout
    assert "classes of configurations" in done.stdout
