"""Layers that a project lists in its pyproject.toml, checked without a test file."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gradcheck import project

LAYERS = """
import numpy as np


class Dense:
    def __init__(self, in_features, out_features):
        self.W = np.zeros((in_features, out_features))
        self.b = np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW = self.x.T @ dy
        self.db = dy.sum(0)
        return dy @ self.W.T


class Wrong(Dense):
    def backward(self, dy):
        dx = super().backward(dy)
        self.db = dy[0]
        return dx
"""

LISTED = """
[tool.gradcheck]
layers = [
  "relu",
  {target = "src/mine.py:Dense", spec = "linear", examples = 30},
  {target = "src/mine.py:Wrong", spec = "linear", fix = {bias = true}},
]
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run pytest in a project that holds no test."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "mine.py").write_text(LAYERS)
    (tmp_path / "elsewhere").mkdir()

    def pytest_there(listed: str, *args: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{listed}")
        command = [sys.executable, "-m", "pytest", "--gradcheck", *args, "--rootdir", str(tmp_path)]
        return subprocess.run(
            command, cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=False
        )

    return pytest_there


def test_the_listed_layers_are_checked_without_a_test_file(run: Run) -> None:
    done = run(LISTED, "-v", "--gradcheck-examples=25", "-k", "check or contract")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "gradcheck::relu::contract PASSED" in done.stdout
    assert "gradcheck::Dense::check PASSED" in done.stdout
    assert "gradcheck::Wrong::check FAILED" in done.stdout
    assert re.search(r"_ gradcheck: check .*Wrong.* _+\nWrong \(linear\)  FAIL", done.stdout)
    assert "only the first sample of the batch counts" in done.stdout
    assert "pytest_plugin.py" not in done.stdout


def test_only_they_are_collected_and_can_be_chosen(run: Run) -> None:
    def collected(*args: str) -> set[str]:
        lines = run(LISTED, "--collect-only", "-q", *args).stdout.splitlines()
        return {line.split("::")[1] for line in lines if line.startswith("gradcheck::")}

    assert collected() == {"relu", "Dense", "Wrong"}
    assert collected("gradcheck::Wrong::check") == {"Wrong"}
    assert collected("--gradcheck-layers=Dense,tanh") == {"Dense", "tanh"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('"conv2"', "Did you mean 'conv2d'"),
        ('{spec = "linear"}', "neither the name of a registered layer"),
        ('{target = "src/mine.py:Dense"}', "--spec"),
        ('{target = "src/mine.py:Dense", spec = "linear", exampels = 3}', "exampels"),
        ('"relu", "relu"', "'relu' twice"),
    ],
)
def test_an_entry_that_cannot_be_read_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, said: str
) -> None:
    from gradcheck import pytest_plugin

    (tmp_path / "pyproject.toml").write_text(f"[tool.gradcheck]\nlayers = [{entry}]\n")

    class Config:
        rootpath = tmp_path

    with pytest.raises(pytest.UsageError, match=said):
        pytest_plugin._tree(None, pytest_plugin._listed(Config()))  # type: ignore[arg-type]


def test_an_entry_becomes_the_arguments_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.gradcheck]\nlayers = [{name = 'mine', forward = 'a.py:f', backward = 'a.py:b', "
        "spec = 'conv2d', fix = {stride = [2, 1], bias = false}, weight_layout = 'HWIO', "
        "quiet = true, verbose = false}]\n"
    )
    text = (
        "--forward a.py:f --backward a.py:b --spec conv2d --fix stride=[2, 1] --fix bias=false "
        "--weight-layout HWIO --quiet"
    )
    found = project.read(tmp_path)
    assert {name: " ".join(words or ()) for name, words in found.items()} == {"mine": text}


def test_a_project_that_lists_none_or_has_no_file(tmp_path: Path) -> None:
    assert project.read(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'mine'\n")
    assert project.read(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text("[tool")
    with pytest.raises(project.ProjectError, match=r"pyproject\.toml"):
        project.read(tmp_path)
