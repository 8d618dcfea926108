from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from gradcheck import gate, registry
from gradcheck.gate import Survey, not_covered, unregistered, without_oracle, without_spec
from gradcheck.profiles import PROFILES
from gradcheck.report import Coverage, LayerReport
from gradcheck.verdict import Verdict

Invoke = Callable[..., Result]
CLEAN = Survey(modules=(), registered=(), wanted={}, known=(), specs=())


def spec(oracle: Any, because: str = "") -> Any:
    return SimpleNamespace(name="cube", oracle=oracle, no_oracle_because=because)


def oracle(missing: str | None) -> Any:
    return SimpleNamespace(name="torch.cube", missing=lambda: missing)


def test_a_module_that_nobody_registered() -> None:
    modules = ["gradcheck.reference.relu", "gradcheck.reference.cube"]
    (complaint,) = unregistered(modules, ["gradcheck.reference.relu"])
    assert complaint.startswith("gradcheck.reference.cube is registered as no layer")
    assert 'cube = "gradcheck.reference.cube:layer"' in complaint


def test_a_layer_whose_spec_nobody_registered() -> None:
    (complaint,) = without_spec({"my_cube": "cube", "relu": "relu"}, ["relu"])
    assert "layer my_cube is held against the spec 'cube'" in complaint
    assert "relu" in complaint


@pytest.mark.parametrize("because", ["", "  "])
def test_a_spec_with_neither_oracle_nor_reason(because: str) -> None:
    (complaint,) = without_oracle([spec(None, because)])
    assert "spec cube has no oracle and no reason" in complaint


def test_a_spec_whose_oracle_is_missing() -> None:
    (complaint,) = without_oracle([spec(oracle("torch is not installed"))])
    assert complaint == "spec cube: the oracle torch.cube is missing: torch is not installed."


@pytest.mark.parametrize("fine", [spec(None, "torch has no cube"), spec(oracle(None))])
def test_a_spec_with_an_oracle_or_a_reason(fine: Any) -> None:
    assert without_oracle([fine]) == []


def test_a_class_that_is_neither_covered_nor_left_out() -> None:
    coverage = (
        Coverage(name="batch > 1", cases=9),
        Coverage(name="kernel = 1", cases=0),
        Coverage(name="groups > 1", cases=0, left_out="fixed groups=1"),
    )
    report = LayerReport(layer="cube", spec="cube", verdict=Verdict.PASS, coverage=coverage)
    (complaint,) = not_covered([report])
    assert "layer cube: no case of kernel = 1." in complaint
    assert "groups" not in complaint


def test_the_survey_finds_modules_without_importing_them() -> None:
    found = gate.survey([])
    assert "gradcheck.reference.conv2d" in found.modules
    assert not any("._" in module for module in found.modules)
    assert unregistered(found.modules, found.registered) == []


def test_the_survey_finds_a_planted_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "planted_layers"
    package.mkdir()
    for name in ("__init__", "_helper"):
        (package / f"{name}.py").touch()
    (package / "cube.py").write_text("raise RuntimeError('imported')")
    (package / "optim").mkdir()
    (package / "optim" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(gate, "REFERENCE", "planted_layers")
    assert gate.survey([]).modules == ("planted_layers.cube",)


def test_the_survey_leaves_what_does_not_load_to_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_layer(name: str) -> tuple[None, str, None]:
        if name == "broken":
            raise registry.LoadError("broken")
        return None, "cube", None

    monkeypatch.setattr(registry, "load_layer", load_layer)
    found = gate.survey(["broken", "fine"])
    assert found.wanted == {"fine": "cube"}
    assert found.unchecked == {"fine"}
    assert len(found.complaints) == 1


@pytest.fixture
def surveyed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Survey], None]:
    def answer(survey: Survey) -> None:
        monkeypatch.setattr(gate, "survey", lambda layers: survey)

    answer(CLEAN)
    return answer


@pytest.mark.usefixtures("surveyed")
def test_the_gate_runs_strictly_what_this_project_ships(fake: Any, invoke: Invoke) -> None:
    assert invoke("gate").exit_code == 0
    (call,) = fake.calls
    ours = [e.name for e in registry.entries("layers") if e.package == "gradcheck"]
    assert call["layers"] == ours
    assert call["strict"] is True
    assert call["profile"] is PROFILES["ci"]


def test_a_complaint_is_told_and_ends_with_three(
    fake: Any, invoke: Invoke, surveyed: Callable[[Survey], None]
) -> None:
    surveyed(Survey(modules=("r.cube",), registered=(), wanted={}, known=(), specs=()))
    result = invoke("gate", "-q")
    assert result.exit_code == 3
    assert "missing  r.cube is registered as no layer" in result.output
    ours = sum(e.package == "gradcheck" for e in registry.entries("layers"))
    assert result.output.splitlines()[-1].startswith(f"{ours} layers: {ours} PASS, 1 missing")


@pytest.mark.usefixtures("surveyed")
def test_an_uncovered_class_ends_with_three(fake: Any, invoke: Invoke) -> None:
    fake.coverage = (Coverage(name="kernel = 1", cases=0),)
    result = invoke("gate", "relu")
    assert result.exit_code == 3
    assert "layer relu: no case of kernel = 1" in " ".join(result.output.split())


def test_a_counterexample_goes_before_a_complaint(
    fake: Any, invoke: Invoke, surveyed: Callable[[Survey], None]
) -> None:
    surveyed(Survey(modules=("r.cube",), registered=(), wanted={}, known=(), specs=()))
    fake.verdicts["relu"] = Verdict.FAIL
    assert invoke("gate").exit_code == 1


def test_a_layer_without_a_spec_is_complained_of_and_not_run(
    fake: Any, invoke: Invoke, surveyed: Callable[[Survey], None]
) -> None:
    surveyed(Survey(modules=(), registered=(), wanted={"relu": "r"}, known=(), specs=()))
    assert invoke("gate", "relu", "tanh").exit_code == 3
    assert fake.calls[0]["layers"] == ["tanh"]


def test_programs_read_one_end_with_the_complaints(
    fake: Any, invoke: Invoke, surveyed: Callable[[Survey], None]
) -> None:
    surveyed(Survey(modules=("r.cube",), registered=(), wanted={}, known=(), specs=()))
    lines = [json.loads(line) for line in invoke("gate", "--format=ndjson").output.splitlines()]
    ends = [line for line in lines if line["event"] == "run_finished"]
    assert [end["exit_code"] for end in ends] == [3]
    assert len(ends[0]["complaints"]) == 1
