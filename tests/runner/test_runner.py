from __future__ import annotations

from typing import Any

import pytest

from gradcheck.events import CasesChecked, Event, LayerFinished, RunFinished, RunStarted
from gradcheck.profiles import PROFILES
from gradcheck.report import LayerReport
from gradcheck.runner import run
from gradcheck.verdict import Verdict

LAYERS = ("linear", "relu")


def facts(report: LayerReport) -> dict[str, Any]:
    return {key: value for key, value in report.to_dict().items() if key != "seconds"}


def heard(jobs: int, examples: int = 40) -> list[Event]:
    events: list[Event] = []
    run(LAYERS, profile=PROFILES["default"], examples=examples, jobs=jobs, listen=events.append)
    return events


def test_a_verdict_does_not_depend_on_the_process_that_reaches_it() -> None:
    here, there = (
        {e.report.layer: facts(e.report) for e in heard(jobs) if isinstance(e, LayerFinished)}
        for jobs in (1, 2)
    )
    assert here == there


def test_a_verdict_does_not_depend_on_what_ran_before() -> None:
    first = run(["relu"], profile=PROFILES["default"], examples=40)
    run(["linear"], profile=PROFILES["default"], examples=20)
    second = run(["relu"], profile=PROFILES["default"], examples=40)
    assert facts(first.layers[0]) == facts(second.layers[0])


def test_another_seed_draws_other_cases() -> None:
    first, second = (
        run(["relu"], profile=PROFILES["default"], examples=40, seed=seed) for seed in (0, 1)
    )
    assert first.layers[0].comparisons != second.layers[0].comparisons


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_run_says_how_far_it_is(jobs: int) -> None:
    events = heard(jobs, examples=200)
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    told = [e for e in events if isinstance(e, CasesChecked)]
    assert {e.layer for e in told} == set(LAYERS)
    assert all(0 <= e.done <= e.total == 200 for e in told)


def test_a_layer_that_does_not_load_leaves_the_rest_alone() -> None:
    report = run(["nonsense", "relu"], profile=PROFILES["default"], examples=20)
    verdicts = {layer.layer: layer.verdict for layer in report.layers}
    assert verdicts["nonsense"] is Verdict.ERROR
    assert verdicts["relu"] is not Verdict.ERROR
    assert report.exit_code == 4
