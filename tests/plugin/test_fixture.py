"""The fixture and the marker, in a suite of somebody else's."""

from __future__ import annotations

import subprocess
import sys

import pytest

LAYERS = """
import numpy as np
import pytest
from gradcheck import adapt


def forward(x):
    y = np.tanh(x)
    return y, y


RIGHT = adapt.functional(forward, lambda dy, y: dy * (1 - y * y), name="right")
WRONG = adapt.functional(forward, lambda dy, y: dy * (1 - y), name="wrong")
X = np.linspace(-1.0, 1.0, 4)

"""

TESTS = """
from hypothesis import strategies as st

INPUTS = st.fixed_dictionaries({"x": st.integers(1, 4).map(lambda n: np.linspace(-1.0, 1.0, n))})
pytestmark = pytest.mark.gradcheck(seed=3)


def test_nothing_of_ours():
    pass


def test_fixture_at_a_point(gradcheck):
    assert gradcheck.check(RIGHT, x=X).cases == 1


def test_fixture_of_a_spec(gradcheck):
    report = gradcheck.check_layer("tanh", RIGHT)
    assert (report.spec, report.seed, report.examples) == ("tanh", 3, 6)


def test_fixture_wrong(gradcheck):
    gradcheck.check_layer("tanh", WRONG)


def test_fixture_wrong_at_a_point(gradcheck):
    gradcheck.check(WRONG, x=X)


@pytest.mark.gradcheck("tanh", fixed={"dtype": "float64"}, seed=4)
def test_fixture_marked(gradcheck):
    report = gradcheck.check_layer(layer=RIGHT, examples=5)
    assert (report.spec, report.seed, report.examples) == ("tanh", 4, 5)
    assert dict(report.fixed) == {"dtype": "float64"}


@pytest.mark.gradcheck(against=RIGHT)
def test_fixture_marked_at_a_point(gradcheck):
    gradcheck.check(RIGHT, x=X)


@pytest.mark.gradcheck("tanh")
@pytest.mark.parametrize("layer", [RIGHT, WRONG], ids=["right", "wrong"])
def test_returned(layer):
    return layer


@pytest.mark.gradcheck(x=X)
def test_returned_wrong_at_a_point():
    return WRONG


@pytest.mark.gradcheck("tanh")
def test_returned_nothing():
    RIGHT


@pytest.mark.gradcheck(inputs=INPUTS)
@pytest.mark.parametrize("layer", [RIGHT, WRONG], ids=["right", "wrong"])
def test_returned_drawn(layer):
    return layer
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run pytest on the tests above."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
    (folder / "test_mine.py").write_text(LAYERS + TESTS)
    command = [sys.executable, "-m", "pytest", "-v", "-W", "error", "--gradcheck-examples=6"]
    done = subprocess.run(
        [*command, "--gradcheck-examples=6"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "nothing_of_ours",
        "fixture_at_a_point",
        "fixture_of_a_spec",
        "fixture_marked",
        "fixture_marked_at_a_point",
        "returned[right]",
        "returned_drawn[right]",
    ],
)
def test_right_layers_and_other_tests_pass(output: str, name: str) -> None:
    assert f"::test_{name} PASSED" in output


@pytest.mark.parametrize(
    "name",
    [
        "fixture_wrong",
        "fixture_wrong_at_a_point",
        "returned[wrong]",
        "returned_wrong_at_a_point",
        "returned_nothing",
        "returned_drawn[wrong]",
    ],
)
def test_wrong_layers_fail(output: str, name: str) -> None:
    assert f"::test_{name} FAILED" in output


def test_a_failure_shows_the_report_and_no_line_of_ours(output: str) -> None:
    assert "wrong: FAIL" in output
    assert "reproduce: gradcheck.check_layer('tanh', layer, examples=6, seed=3, case=" in output
    assert "returns the layer to check, or takes the fixture gradcheck" in output
    assert "pytest_fixture.py" not in output
