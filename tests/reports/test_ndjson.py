from __future__ import annotations

import io
import json
from copy import deepcopy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pytest
from gradcheck.reports import schema
from gradcheck.reports.ndjson import Ndjson, plain
from jsonschema import Draft202012Validator

from gradcheck.bounds import Bound
from gradcheck.config import Config
from gradcheck.events import Event, LayerFinished


def written(events: list[Event]) -> list[dict[str, Any]]:
    stream = io.StringIO()
    ndjson = Ndjson(stream)
    for event in events:
        ndjson(event)
    ndjson.close()
    return [json.loads(line, parse_constant=_refuse) for line in stream.getvalue().splitlines()]


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def closed(node: Any) -> Any:
    """Return the schema with every named object shut, so that an undescribed key is seen."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    shut = {key: closed(value) for key, value in node.items()}
    if "required" in shut and "properties" in shut and "oneOf" not in shut:
        names = {**shut["properties"], "schema": True, "event": True}
        shut |= {"properties": {**names, **shut["properties"]}, "additionalProperties": False}
    return shut


@pytest.fixture
def lines(made: SimpleNamespace) -> list[dict[str, Any]]:
    reports = (made.passing, made.failing, made.inconclusive, made.erring)
    return written(made.events(*reports, interrupted=True, complaints=("a file has no spec",)))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


def test_one_line_for_the_start_each_layer_and_the_end(lines: list[dict[str, Any]]) -> None:
    names = [line["event"] for line in lines]
    assert names == ["run_started", *["layer_finished"] * 4, "run_finished"]
    assert [line["verdict"] for line in lines[1:-1]] == ["PASS", "FAIL", "INCONCLUSIVE", "ERROR"]
    assert lines[-1]["exit_code"] == 130


def test_every_line_keeps_the_schema(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        jsonschema.validate(line, schema())


def test_the_schema_names_every_key(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        jsonschema.validate(line, closed(schema()))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**lines[0], "more": 1}, closed(schema()))


def test_numbers_that_json_lacks_keep_the_schema(made: SimpleNamespace) -> None:
    failure = made.failing.failures[0]
    entry = replace(
        failure.discrepancy,
        backward=float("nan"),
        differences=float("inf"),
        autograd=-float("inf"),
        bound=Bound(np.float32(0.5), "halves"),  # type: ignore[arg-type]
    )
    case = replace(failure.case, config=Config(slope=float("inf")))
    wrong = replace(failure, discrepancy=entry, case=case)
    (line,) = written([LayerFinished(report=replace(made.failing, failures=(wrong,)))])
    jsonschema.validate(line, schema())
    got = line["failures"][0]["discrepancy"]
    assert (got["backward"], got["differences"]) == ("NaN", "Infinity")
    assert (got["autograd"], got["bound"]["value"]) == ("-Infinity", 0.5)


def test_plain_leaves_the_rest_alone() -> None:
    value = {"a": [True, None, 1, "x", 0.5], 3: (np.int64(2), np.bool_(False))}
    assert plain(value) == {"a": [True, None, 1, "x", 0.5], "3": [2, False]}


BREAKS: dict[str, Any] = {
    "unknown event": lambda line: line.update(event="layer_lost"),
    "no event": lambda line: line.pop("event"),
    "other schema": lambda line: line.update(schema=2),
    "unknown verdict": lambda line: line.update(verdict="FINE"),
    "no failures": lambda line: line.pop("failures"),
    "cases below zero": lambda line: line.update(cases=-1),
    "cases in words": lambda line: line.update(cases="many"),
    "unknown column": lambda line: line["comparisons"][0].update(column="me/you"),
    "bound without reason": lambda line: line["comparisons"][0]["bound"].pop("reason"),
    "number in words": lambda line: line["comparisons"][0].update(worst="small"),
    "impossible probability": lambda line: line["certificate"].update(miss=1.5),
    "index not of integers": lambda line: line["failures"][0]["discrepancy"].update(index=[0.5]),
    "shape not a list": lambda line: line["failures"][0]["case"]["shapes"].update(x="2x3"),
    "class without a name": lambda line: line["coverage"][0].pop("class"),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_the_schema_rejects_a_broken_line(lines: list[dict[str, Any]], broken: str) -> None:
    line = deepcopy(lines[2])
    jsonschema.validate(line, schema())
    BREAKS[broken](line)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(line, schema())


def test_the_schema_rejects_an_unknown_exit_code(lines: list[dict[str, Any]]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**lines[-1], "exit_code": 7}, schema())


def test_each_line_is_flushed_by_itself(made: SimpleNamespace) -> None:
    class Counting(io.StringIO):
        flushed: list[int]

        def flush(self) -> None:
            self.flushed.append(self.getvalue().count("\n"))

    stream = Counting()
    stream.flushed = []
    ndjson = Ndjson(stream)
    for event in made.events(made.passing, made.failing):
        ndjson(event)
    assert stream.flushed == [1, 2, 3, 4]
