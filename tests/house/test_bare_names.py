from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


def suite(folder: Path, body: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a suite of one test beside a copy of our conftest."""
    (folder / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "pytest.ini").touch()
    (folder / "test_one.py").write_text(f"import sys, types\ndef test_one():\n    {body}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
@pytest.mark.parametrize("name", ["reports", "reference.relu", "properties"])
def test_a_bare_name_fails_the_suite(tmp_path: Path, name: str, workers: list[str]) -> None:
    done = suite(tmp_path, f"sys.modules[{name!r}] = types.ModuleType({name!r})", *workers)
    assert "1 passed" in done.stdout
    assert f"{name}: import gradcheck.{name} instead" in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_a_name_under_the_roof_is_right(tmp_path: Path, workers: list[str]) -> None:
    done = suite(tmp_path, "import gradcheck.reference.relu", *workers)
    assert done.returncode == 0, done.stdout
    assert "bare name" not in done.stdout


def test_another_failure_keeps_its_status(tmp_path: Path) -> None:
    done = suite(tmp_path, "sys.modules['reports'] = types; raise KeyboardInterrupt")
    assert done.returncode == pytest.ExitCode.INTERRUPTED
