from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from gradcheck import registry
from gradcheck.case import Case
from gradcheck.profiles import PROFILES
from gradcheck.verdict import Verdict

Invoke = Callable[..., Result]
LITERAL = '{"config":{"alpha":1.0},"shapes":{"x":[2,3],"output":[2,3]},"dtype":"float32","seed":7}'


def test_defaults(fake: Any, invoke: Invoke) -> None:
    assert invoke("run").exit_code == 0
    (call,) = fake.calls
    assert call["layers"] == [entry.name for entry in registry.entries("layers")]
    assert call["profile"] is PROFILES["default"]
    assert call["dtypes"] == ("float64", "float32")
    assert (call["examples"], call["seed"], call["case"]) == (None, None, None)
    assert call["oracle"] == "auto"
    assert 1 <= call["jobs"] <= len(call["layers"])


def test_options_reach_the_runner(fake: Any, invoke: Invoke) -> None:
    options = [
        "--examples",
        "9",
        "--seed",
        "4",
        "--dtype",
        "float32",
        "--jobs",
        "8",
        "--profile",
        "ci",
    ]
    invoke("run", "relu", "tanh", "relu", *options)
    (call,) = fake.calls
    assert call["layers"] == ["relu", "tanh"]
    assert (call["examples"], call["seed"], call["dtypes"]) == (9, 4, ("float32",))
    assert (call["jobs"], call["profile"]) == (2, PROFILES["ci"])


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.PASS, 0),
        (Verdict.FAIL, 1),
        (Verdict.ERROR, 4),
        (Verdict.INCONCLUSIVE, 3),
    ],
)
def test_exit_code_of_each_verdict(fake: Any, invoke: Invoke, verdict: Verdict, code: int) -> None:
    fake.verdicts["tanh"] = verdict
    result = invoke("run", "relu", "tanh")
    assert result.exit_code == code
    assert f"1 {verdict}" in result.output or verdict is Verdict.PASS


def test_nothing_checked_is_five(fake: Any, invoke: Invoke) -> None:
    fake.cases = 0
    assert invoke("run", "relu").exit_code == 5


def test_an_interrupted_run_shows_what_was_done(fake: Any, invoke: Invoke) -> None:
    fake.interrupt_after = 1
    result = invoke("run", "relu", "tanh")
    assert result.exit_code == 130
    assert "not checked: tanh" in result.output
    assert "INTERRUPTED after 1 of 2 layers: 1 PASS" in result.output


def test_a_second_interrupt_keeps_what_was_told(fake: Any, invoke: Invoke, tmp_path: Path) -> None:
    fake.raises = KeyboardInterrupt
    path = tmp_path / "report.ndjson"
    result = invoke("run", "relu", f"--format=ndjson={path}")
    assert result.exit_code == 130
    assert result.output.count("relu  PASS") == 1
    assert json.loads(path.read_text().splitlines()[1])["layer"] == "relu"


def test_quiet_is_shorter_and_verbose_longer(fake: Any, invoke: Invoke) -> None:
    quiet, plain, verbose = (
        len(invoke("run", "relu", *flag).output.splitlines()) for flag in (["-q"], [], ["-v"])
    )
    assert quiet < plain < verbose


FIRST = sorted({entry.name for entry in registry.entries("layers")})[:3]

USAGE = {
    "unknown layer": (["conv2"], "Did you mean 'conv2d'?"),
    "its alternatives": (["conv2"], f"Known: {', '.join(FIRST)},"),
    "unknown format": (["--format", "ndjsn=x"], "Did you mean 'ndjson'? Known: console, ndjson"),
    "format without file": (["--format", "ndjson="], "names no file after '='"),
    "unknown dtype": (["--dtype", "float8"], "float64"),
    "unknown profile": (["--profile", "nightl"], "nightly"),
    "no examples": (["--examples", "0"], "0 is not in the range"),
    "no jobs": (["--jobs", "0"], "0 is not in the range"),
    "seed below zero": (["--seed", "-1"], "-1 is not in the range"),
    "case without layer": (["--case", "{}"], "--case needs exactly one LAYER; there are 0"),
    "case of two layers": (["relu", "elu", "--case", "{}"], "there are 2"),
    "case not JSON": (["relu", "--case", "{'x'"], "not a case"),
    "case not an object": (["relu", "--case", "[1]"], "a case is a JSON object, not [1]"),
    "case with unknown key": (["relu", "--case", '{"shape":{}}'], "no key 'shape'"),
    "case with bad shapes": (["relu", "--case", '{"shapes":{"x":["a"]}}'], "not a case"),
    "case with bad config": (["relu", "--case", '{"config":5}'], "not a case"),
    "case with bad dtype": (["relu", "--case", '{"dtype":"int8"}'], "not 'int8'"),
    "case in no file": (["relu", "--case", "@nowhere.json"], "No such file"),
    "unwritable file": (["--format", "ndjson=/nowhere/x"], "cannot write to '/nowhere/x'"),
    "a folder for a file": (["--format", "ndjson=/tmp"], "cannot write to '/tmp'"),
    "two on standard output": (["--format", "console", "--format", "ndjson"], "two formats"),
    "two in one file": (["--format", "console=/tmp/_x", "--format", "ndjson=/tmp/_x"], "/tmp/_x"),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage_ends_before_the_run(fake: Any, invoke: Invoke, name: str) -> None:
    args, message = USAGE[name]
    result = invoke("run", *args)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert fake.calls == []


def test_an_unwritable_path_spares_the_other_files(
    fake: Any, invoke: Invoke, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text("old")
    result = invoke("run", "--format", f"ndjson={kept}", "--format", "unknown=x")
    assert result.exit_code == 2
    assert kept.read_text() == "old"


def test_a_case_that_lacks_an_input_is_wrong_usage(fake: Any, invoke: Invoke) -> None:
    result = invoke("run", "linear", "--case", '{"shapes":{"x":[2,3],"output":[2,3]}}')
    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "no shape of weight, bias; linear takes x, weight, bias" in told
    assert fake.calls == []


@pytest.mark.parametrize("at", [False, True], ids=["literal", "file"])
def test_a_case_is_replayed(fake: Any, invoke: Invoke, tmp_path: Path, at: bool) -> None:
    file = tmp_path / "case.json"
    file.write_text(LITERAL)
    assert invoke("run", "elu", "--case", f"@{file}" if at else LITERAL).exit_code == 0
    assert fake.calls[0]["case"] == Case.from_dict(json.loads(LITERAL))


def test_a_file_beside_the_report_for_people(fake: Any, invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "report.ndjson"
    result = invoke("run", "relu", "--format", f"ndjson={path}")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["run_started", "layer_finished", "run_finished"]
    assert "1 layer: 1 PASS" in result.output


def test_a_format_takes_standard_output(fake: Any, invoke: Invoke) -> None:
    for output in ("ndjson", "ndjson=-"):
        result = invoke("run", "relu", "--format", output)
        assert all(json.loads(line) for line in result.output.splitlines())


class Absent:
    name = "torch.nn.functional.relu"

    def missing(self) -> str:
        return "torch is not installed"


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SimpleNamespace(name="relu", oracle=Absent())
    monkeypatch.setattr(registry, "load_layer", lambda name: (None, "relu", None))
    monkeypatch.setattr(registry, "load_spec", lambda name: spec)


@pytest.mark.usefixtures("without_torch")
def test_a_required_oracle_that_is_missing_is_wrong_usage(fake: Any, invoke: Invoke) -> None:
    result = invoke("run", "relu", "--oracle", "required")
    assert result.exit_code == 2
    assert "torch is not installed" in result.output
    assert fake.calls == []


@pytest.mark.usefixtures("without_torch")
def test_an_oracle_is_not_asked_for_by_default(fake: Any, invoke: Invoke) -> None:
    assert invoke("run", "relu").exit_code == 0


def test_a_reporter_that_does_not_load_is_told(
    fake: Any, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(entry: registry.Entry) -> None:
        raise registry.LoadError("stranger:html does not load: ImportError: no jinja2")

    monkeypatch.setattr(registry.Entry, "target", broken)
    result = invoke("run", "relu")
    assert result.exit_code == 2
    assert "no jinja2" in result.output
