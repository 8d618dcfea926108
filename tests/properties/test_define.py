"""A spec of one's own in about ten lines, and a package that ships it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from gradcheck.properties import Pointwise, define
from hypothesis import strategies as st

import gradcheck
from gradcheck import Case, Verdict, adapt, registry
from gradcheck.cli import main

Array = np.ndarray[Any, Any]


@st.composite
def shapes(draw: Any) -> Case:
    """Draw a batch of vectors and a slope."""
    shape = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    return Case(config={"by": draw(st.sampled_from([0.5, 3.0]))}, shapes={"x": shape})  # type: ignore[arg-type]


def oracle(x: Any, *, by: float) -> Any:
    return x.clamp(min=0) * by


SCALED_RELU = define(
    "scaled_relu",
    shapes(),
    oracle=oracle,
    kinks=Pointwise(lambda config, inputs: (0, config["by"])),
    classes={"batch > 1": lambda case: case.shape("x")[0] > 1},
    batched=("x",),
)


def forward(x: Array, *, by: float) -> tuple[Array, Any]:
    return by * np.maximum(x, 0), (x, by)


def right(dy: Array, cache: Any) -> Array:
    x, by = cache
    out: Array = by * dy * (x > 0)
    return out


def check(forward: Any, backward: Any, spec: Any = SCALED_RELU, **options: Any) -> Any:
    layer = adapt.functional(forward, backward, name="mine")
    return gradcheck.check_layer(spec, layer, **{"examples": 40, **options})


def test_a_right_layer_passes_in_every_class() -> None:
    report = check(forward, right)
    report.raise_for_verdict()
    assert {c.name for c in report.coverage} == {"batch > 1", "float64", "float32"}
    assert all(c.cases for c in report.coverage)
    assert any(c.column == "backward/autograd" for c in report.comparisons)


@pytest.mark.parametrize(
    "backward",
    [
        lambda dy, cache: dy * (cache[0] > 0),
        lambda dy, cache: cache[1] * dy,
        lambda dy, cache: cache[1] * dy * (cache[0] > 0) * (1 + 1e-3),
        lambda dy, cache: cache[1] * dy * np.where(cache[0] == 0, 5, cache[0] > 0).astype(dy.dtype),
    ],
    ids=["no factor", "no mask", "a factor near 1", "at the kink"],
)
def test_a_wrong_backward_fails(backward: Any) -> None:
    assert check(forward, backward).verdict is Verdict.FAIL


def test_a_wrong_forward_that_its_backward_matches_is_the_oracles_to_find() -> None:
    def doubled(x: Array, *, by: float) -> tuple[Array, Any]:
        return forward(x, by=2 * by)

    assert check(doubled, right).verdict is Verdict.FAIL
    unasked = define("none", shapes(), kinks=Pointwise(lambda config, _: (0, config["by"])))
    report = check(doubled, right, unasked)
    assert report.verdict is Verdict.PASS
    assert any("none was named" in line for line in report.not_checked)


def test_a_second_implementation_is_an_oracle() -> None:
    second = define("second", shapes(), oracle=adapt.functional(forward, right, name="other"))
    assert second.oracle is not None
    assert second.oracle.name == "other"
    off = lambda x, *, by: (forward(x, by=by)[0] + 1, (x, by))  # noqa: E731
    kinks = Pointwise(lambda config, _: (0, config["by"]))
    spec = define("second", shapes(), oracle=second.oracle, kinks=kinks)
    assert check(forward, right, spec).verdict is Verdict.PASS
    assert check(off, right, spec).verdict is Verdict.FAIL


def test_pins_hold_and_are_named() -> None:
    report = check(forward, right, fixed={"by": 3.0, "dtype": "float32"})
    assert report.verdict is Verdict.PASS
    assert {c.dtype for c in report.comparisons} == {"float32"}
    assert {c.name for c in report.coverage if c.left_out} == {"float64"}
    with pytest.raises(ValueError, match="cannot fix 'stride'"):
        check(forward, right, fixed={"stride": 2})


def test_a_class_that_is_never_drawn_is_not_passed_over() -> None:
    spec = define("few", shapes(), classes={"huge": lambda case: case.shape("x")[0] > 99})
    report = check(lambda x, *, by: (by * x, by), lambda dy, by: by * dy, spec)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "huge" in report.reason


PACKAGE = """
import numpy as np
from gradcheck import Case, Registered, adapt
from gradcheck.properties import define
from hypothesis import strategies as st

CUBE = define("cube", st.integers(1, 4).map(lambda n: Case(shapes={"x": (n,)})), summary="x^3")


def forward(x):
    return x**3, x


def cube():
    return adapt.functional(forward, lambda dy, x: 3 * x**2 * dy)


WRONG = Registered(adapt.functional(forward, lambda dy, x: 3 * x * dy), spec="cube")
MY_RELU = Registered(
    adapt.functional(lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (x > 0)), spec="relu"
)
NO_LAYER = 3
LAYER = cube()
OFF = WRONG.layer
"""

POINTS = """
[gradcheck.specs]
cube = strangers:CUBE
unused = strangers:CUBE

[gradcheck.layers]
cube = strangers:cube
wrong_cube = strangers:WRONG
my_relu = strangers:MY_RELU
no_layer = strangers:NO_LAYER
"""

Invoke = Callable[..., str]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Run a command where a stranger's package is installed."""
    (tmp_path / "strangers.py").write_text(PACKAGE)
    info = tmp_path / "strangers-2.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 2.5\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")

    def run(*args: str) -> str:
        return CliRunner().invoke(main, args).output

    return run


def test_a_package_ships_layers_and_specs(invoke: Invoke) -> None:
    rows = invoke("list").splitlines()
    found = {row.split()[0]: n for n, row in enumerate(rows) if "strangers 2.5" in row}
    assert set(found) == {"cube", "wrong_cube", "my_relu", "no_layer", "unused"}
    assert "spec cube, oracle none (none was named)" in rows[found["cube"] + 1]
    assert "spec relu of gradcheck" in rows[found["my_relu"] + 1]
    assert "ERROR" in rows[found["no_layer"]]
    assert "a spec without a layer" in rows[found["unused"] + 1]


def test_they_run_by_name(invoke: Invoke) -> None:
    text = invoke("run", "cube", "wrong_cube", "my_relu", "--examples", "12")
    assert "3 layers: 2 PASS, 1 FAIL" in text
    assert "gradcheck run wrong_cube --case" in text


def test_a_spec_without_an_oracle_takes_an_adapter_alone(invoke: Invoke) -> None:
    assert "1 PASS" in invoke("check", "strangers:LAYER", "--spec", "cube", "--examples", "8")
    assert "1 FAIL" in invoke("check", "strangers:OFF", "--spec", "cube", "--examples", "8")
    text = invoke("check", "strangers:forward", "--spec", "cube")
    assert "cube has no oracle here to tell conventions by" in " ".join(text.split())


def test_a_case_of_such_a_layer_replays(invoke: Invoke) -> None:
    failure = invoke("run", "wrong_cube", "--examples", "12")
    assert "FAIL" in failure
    case = Case(shapes={"x": (2,)}, seed=1).to_json()
    assert "FAIL" in invoke("run", "wrong_cube", "--case", case)
    assert "1 PASS" in invoke("run", "cube", "--case", case)


def test_a_packages_own_spec_comes_first(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.entries("specs")
    mine = next(entry for entry in known if entry.name == "cube")
    twin = gradcheck.registry.Entry("cube", "another", "1", mine.point)
    monkeypatch.setattr(registry, "entries", lambda kind: [*known, twin])
    assert registry._nearest("cube", "strangers") == "strangers:cube"
    assert registry._nearest("cube", "third") == "cube"
