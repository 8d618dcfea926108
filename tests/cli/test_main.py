from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import metadata

import pytest
from click.testing import Result

from gradcheck.versions import versions

Invoke = Callable[..., Result]
HEAVY = ("numpy", "hypothesis", "torch", "rich")


def loaded_after(code: str) -> set[str]:
    """Return which heavy packages a fresh interpreter has imported after the code."""
    script = f"import sys\n{code}\nprint('HEAVY', *({HEAVY!r} & sys.modules.keys()))"
    script = script.replace(f"{HEAVY!r} &", f"set({HEAVY!r}) &")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "args", [["--help"], ["run", "--help"], ["gate", "--help"], ["list", "-h"]]
)
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    code = f"from gradcheck.cli import main\nmain({args!r}, standalone_mode=False)"
    assert loaded_after(code) == set()


def test_the_probe_sees_what_is_imported() -> None:
    assert loaded_after("import numpy") == {"numpy"}


def test_help_names_commands_and_exit_codes(invoke: Invoke) -> None:
    text = invoke("--help").output
    for line in ("  run   ", "  list  ", "  gate  ", "    130  Ctrl-C", "      3  inconclusive"):
        assert f"\n{line}" in text


def test_an_unknown_command_is_wrong_usage(invoke: Invoke) -> None:
    result = invoke("rnu")
    assert result.exit_code == 2
    assert "no command is called 'rnu'. Did you mean 'run'?" in result.output
    assert "Known: check, explain, gate, list, run" in " ".join(result.output.split())


def test_versions_are_printed(invoke: Invoke) -> None:
    result = invoke("--version")
    assert result.exit_code == 0
    assert [line.split(": ") for line in result.output.splitlines()] == [
        list(item) for item in versions().items()
    ]


def test_versions_are_those_installed() -> None:
    said = versions()
    assert said["numpy"] == metadata.version("numpy")
    assert said["gradcheck"] == metadata.version("gradcheck")
    assert said["BLAS"] != "unknown"


def test_a_missing_torch_is_said(monkeypatch: pytest.MonkeyPatch, invoke: Invoke) -> None:
    real: Callable[[str], str] = metadata.version

    def version(name: str) -> str:
        if name == "torch":
            raise metadata.PackageNotFoundError
        return real(name)

    monkeypatch.setattr(metadata, "version", version)
    assert "torch: not installed" in invoke("--version").output


def test_versions_import_no_torch() -> None:
    code = "from gradcheck.versions import versions\nversions()"
    assert loaded_after(code) == {"numpy"}


def test_python_m_gradcheck_is_the_same() -> None:
    run = [sys.executable, "-m", "gradcheck", "run", "no_such_layer"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: gradcheck run")
    assert "Traceback" not in done.stderr
