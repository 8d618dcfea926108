"""The wheel, in an empty environment, beside a project that owns the names of our folders."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("gradcheck", "properties", "reference", "reports")
FILES = ("pyproject.toml", "README.md", "LICENSE")
DECOYS = ("reports", "reference", "properties")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

USERS_TEST = """
import properties
import reference
import reports

import gradcheck.properties
import gradcheck.reference
import gradcheck.reports


def test_mine():
    for mine in (reports, reference, properties):
        assert mine.VALUE == mine.__name__


def test_apart():
    assert reports is not gradcheck.reports
    assert not hasattr(gradcheck.reference, "VALUE")
"""

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.environment, pytest.mark.xdist_group("wheel")]


def pip(python: str | Path, *args: str) -> None:
    command = [str(python), "-m", "pip", "--disable-pip-version-check", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy: a build leaves its folders where it works."""
    copy = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    dist = tmp_path_factory.mktemp("dist")
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "-w", str(dist), str(copy))
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Install the wheel in an empty environment, and run commands in the user's project."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    pip(programs / "python", "install", "-q", "-c", "constraints.txt", f"{wheel}", "pytest")

    project = tmp_path_factory.mktemp("project")
    for name in DECOYS:
        (project / name).mkdir()
        (project / name / "__init__.py").write_text(f"VALUE = {name!r}\n")
    (project / "test_user.py").write_text(USERS_TEST)
    (project / "pytest.ini").touch()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}

    def command(program: str, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(programs / program), *args],
            cwd=project,
            env={**kept, "COLUMNS": "120"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


def test_the_wheel_owns_one_name(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    info = f"gradcheck-{PROJECT['version']}.dist-info"
    assert {name.split("/")[0] for name in names} == {"gradcheck", info}


def test_the_wheel_holds_every_file(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {
        path.relative_to(ROOT).as_posix()
        for package in SOURCES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == {
        name if name.startswith("gradcheck/") else f"gradcheck/{name}" for name in files
    }


def test_the_metadata(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    info = f"gradcheck-{PROJECT['version']}.dist-info"
    told = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
    assert told["Name"] == "gradcheck"
    assert told["Version"] == PROJECT["version"]
    assert told["Requires-Python"] == PROJECT["requires-python"]
    assert told["License-Expression"] == PROJECT["license"]
    assert f"{info}/licenses/LICENSE" in archive.namelist()
    assert "make report" in str(told.get_payload())
    needed = {line for line in told.get_all("Requires-Dist", []) if "extra" not in line}
    assert needed == set(PROJECT["dependencies"])
    assert {"torch", "dev"} <= set(told.get_all("Provides-Extra", []))


def test_the_entry_points(wheel: Path) -> None:
    info = f"gradcheck-{PROJECT['version']}.dist-info"
    told = configparser.ConfigParser(delimiters="=")
    told.read_string(zipfile.ZipFile(wheel).read(f"{info}/entry_points.txt").decode())
    written = {**PROJECT["entry-points"], "console_scripts": PROJECT["scripts"]}
    assert {group: dict(told[group]) for group in told.sections()} == written


def test_the_environment_has_no_torch(run: Run) -> None:
    done = run("gradcheck", "--version")
    assert done.returncode == 0, done.stderr
    assert "torch: not installed" in done.stdout
    assert f"gradcheck: {PROJECT['version']}" in done.stdout


def test_list(run: Run) -> None:
    done = run("gradcheck", "list")
    assert done.returncode == 0, done.stderr
    for layer in PROJECT["entry-points"]["gradcheck.layers"]:
        assert layer in done.stdout
    assert "ERROR" not in done.stdout


@pytest.mark.parametrize("command", [("gradcheck",), ("python", "-m", "gradcheck")])
def test_help(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage: gradcheck" in done.stdout


@pytest.mark.parametrize("command", [("gradcheck",), ("python", "-m", "gradcheck")])
def test_run_without_torch(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "run", "relu", "--examples", "20")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS" in done.stdout
    assert "not checked" in done.stdout


@pytest.mark.parametrize("command", [("pytest",), ("python", "-m", "pytest")])
def test_the_users_tests_pass(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "-q")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.parametrize("command", [("pytest",), ("python", "-m", "pytest")])
def test_the_users_tests_and_ours_pass(run: Run, command: tuple[str, ...]) -> None:
    layers = ("--gradcheck-layers", "relu,conv2d", "--gradcheck-examples", "20")
    done = run(*command, "--gradcheck", *layers, "-v")
    assert done.returncode == 0, done.stdout
    assert "test_user.py::test_mine PASSED" in done.stdout
    assert "gradcheck::relu::" in done.stdout
    assert "gradcheck::conv2d::" in done.stdout


def test_no_other_name_is_installed(run: Run) -> None:
    script = "import importlib.metadata as m; print(*sorted(m.packages_distributions()))"
    names = run("python", "-I", "-c", script).stdout.split()
    assert "gradcheck" in names
    assert not set(DECOYS) & set(names)
