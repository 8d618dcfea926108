from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gradcheck import registry

HEAVY = ("numpy", "hypothesis", "torch", "rich", "click")
CHECKS = ("contract", "differences")

FAKE = """
import sys
from types import ModuleType

import gradcheck.checks
from gradcheck.report import LayerReport
from gradcheck.verdict import Verdict

gradcheck.checks.CHECKS = dict.fromkeys(%r)
runner = gradcheck.runner = sys.modules["gradcheck.runner"] = ModuleType("gradcheck.runner")
VERDICTS = {("relu", "contract"): Verdict.FAIL, ("tanh", "contract"): Verdict.INCONCLUSIVE,
            ("elu", "contract"): Verdict.ERROR}

def check_one(name, *, checks, examples, seed):
    if name == "prelu":
        raise RuntimeError("a bug of ours")
    verdict = VERDICTS.get((name, *checks), Verdict.PASS)
    reason = f"{examples} examples of {checks} from seed {seed}"
    return LayerReport(layer=name, spec=name, verdict=verdict, reason=reason)

runner.check_one = check_one
"""
"""A runner that answers at once, for the pytest that runs in a process of its own."""

Pytest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Pytest:
    """Run pytest in a folder that holds no test file."""
    (tmp_path / "conftest.py").write_text(FAKE % (CHECKS,))
    (tmp_path / "pytest.ini").touch()

    def pytest_in_folder(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *args]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return pytest_in_folder


def layers() -> list[str]:
    return [entry.name for entry in registry.entries("layers")]


def ids(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("gradcheck::")]


def test_an_item_for_each_layer_and_property(run: Pytest) -> None:
    found = ids(run("--gradcheck", "--collect-only", "-q").stdout)
    assert found == [f"gradcheck::{layer}::{check}" for layer in layers() for check in CHECKS]


def test_the_tree_of_items(run: Pytest) -> None:
    text = run("--gradcheck", "--collect-only", "--gradcheck-layers=relu").stdout
    names = [line.strip() for line in text.splitlines() if line.strip().startswith("<")]
    items = ["<Property contract>", "<Property differences>"]
    assert names[-4:] == ["<Root gradcheck>", "<Group relu>", *items]
    assert "2 tests collected" in text


def test_without_the_option_nothing_is_added(run: Pytest) -> None:
    done = run()
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "gradcheck::" not in done.stdout


def test_items_stand_beside_ordinary_tests(run: Pytest, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("def test_mine(): pass")
    done = run("--gradcheck", "--gradcheck-layers=conv2d", "-v")
    assert done.returncode == 0
    assert "test_mine.py::test_mine PASSED" in done.stdout
    assert "gradcheck::conv2d::contract PASSED" in done.stdout
    assert "3 passed" in done.stdout


@pytest.mark.parametrize(("layer", "word"), [("relu", "FAIL"), ("tanh", "INCONCLUSIVE")])
def test_what_does_not_pass_fails_with_the_report(run: Pytest, layer: str, word: str) -> None:
    done = run("--gradcheck", f"--gradcheck-layers={layer}", "--gradcheck-examples=9")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert f"{layer}: {word} - 9 examples of ['contract'] from seed 0" in done.stdout
    assert f"gradcheck: contract of {layer}" in done.stdout
    assert "1 failed, 1 passed" in done.stdout


def test_an_error_fails(run: Pytest) -> None:
    done = run("--gradcheck", "--gradcheck-layers=elu")
    assert "elu: ERROR" in done.stdout
    assert "1 failed, 1 passed" in done.stdout


def test_a_verdict_shows_no_traceback_of_ours(run: Pytest) -> None:
    done = run("--gradcheck", "--gradcheck-layers=relu")
    assert "pytest_plugin.py" not in done.stdout
    assert "raise_for_verdict" not in done.stdout


def test_a_bug_of_ours_shows_its_traceback(run: Pytest) -> None:
    done = run("--gradcheck", "--gradcheck-layers=prelu")
    assert "pytest_plugin.py" in done.stdout
    assert "RuntimeError: a bug of ours" in done.stdout


def test_default_examples_and_a_seed(run: Pytest) -> None:
    done = run("--gradcheck", "--gradcheck-layers=relu", "--gradcheck-seed=5")
    assert "200 examples of ['contract'] from seed 5" in done.stdout


def test_k_selects(run: Pytest) -> None:
    done = run("--gradcheck", "--collect-only", "-q", "-k", "conv3d and differences and not padded")
    assert ids(done.stdout) == ["gradcheck::conv3d::differences"]


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "xdist"])
def test_a_node_id_is_an_argument(run: Pytest, tmp_path: Path, workers: list[str]) -> None:
    (tmp_path / "test_mine.py").write_text("def test_mine(): pass")
    done = run("--gradcheck", "gradcheck::conv2d::contract", "gradcheck::selu", *workers)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_a_node_id_of_nothing_is_wrong_usage(run: Pytest) -> None:
    done = run("--gradcheck", "gradcheck::conv2d::contrac")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "gradcheck::conv2d::contrac" in done.stderr


def test_an_unknown_layer_is_wrong_usage(run: Pytest) -> None:
    done = run("--gradcheck", "--gradcheck-layers=relu,conv2")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Did you mean 'conv2d'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_with_xdist_all_workers_agree(run: Pytest) -> None:
    done = run("--gradcheck", "-n2")
    total = len(layers()) * len(CHECKS)
    assert f"5 failed, {total - 5} passed" in done.stdout
    assert "Different tests were collected" not in done.stdout


def test_no_layer_is_loaded_to_collect(run: Pytest, tmp_path: Path) -> None:
    with (tmp_path / "conftest.py").open("a") as conftest:
        conftest.write(
            "\ndef pytest_collection_finish(session):\n"
            "    print('LOADED', 'gradcheck.reference' in sys.modules)\n"
        )
    assert "LOADED False" in run("--gradcheck", "--collect-only", "-q", "-s").stdout


def test_the_plugin_imports_nothing_heavy() -> None:
    script = (
        "import sys, gradcheck.pytest_plugin\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "\n"


def test_a_suite_that_does_not_ask_loads_nothing_heavy(tmp_path: Path) -> None:
    names = [name for name in HEAVY if name != "hypothesis"]
    (tmp_path / "test_mine.py").write_text(
        f"import sys\ndef test_mine(): assert not set({names!r}) & set(sys.modules)\n"
        "def test_ours(): assert 'gradcheck.pytest_plugin' in sys.modules\n"
        "def test_hub(): assert not {'gradcheck.registry', 'gradcheck.report'} & set(sys.modules)"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "3 passed" in done.stdout, done.stdout
