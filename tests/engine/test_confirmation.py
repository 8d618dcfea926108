"""The confirmation of the degree is not fooled by a kink in reach, wherever it lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradcheck import Verdict, adapt, check_layer
from gradcheck.case import Case
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.exact import BESIDE, STEPS
from gradcheck.registry import load_spec

Array = npt.NDArray[Any]

LINES = 1_000_000


def lines(degree: int, kinks: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Draw polynomials of the degree with kinks in reach; return samples, slopes at 0, kinks.

    In units of 1/64 of a step all is integer, as on the lattice: nothing rounds.
    """
    t = np.array(STEPS)[:, None] * 64
    slope = rng.integers(-(2**20), 2**20, LINES)
    bend = rng.integers(-(2**10), 2**10, LINES) if degree == 2 else 0
    samples = slope * t + bend * t * t
    truth = slope.copy()
    places = rng.integers(-127, 127, (kinks, LINES))
    for place in places:
        place[place == 0] = 1  # on the kink there is no derivative to be right about
        size = rng.choice([-1, 1], LINES) * rng.integers(1, 2**20, LINES)
        samples = samples + size * np.maximum(t - place, 0)
        truth += size * (place < 0)
    return samples, truth, places


@pytest.mark.parametrize(("degree", "kinks"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_no_line_with_a_kink_passes_for_a_polynomial(degree: int, kinks: int) -> None:
    samples, truth, _ = lines(degree, kinks, np.random.default_rng(degree * 10 + kinks))
    confirmed = ~np.any(np.diff(samples, degree + 1, axis=0), axis=0)
    wrong = (samples[3] - samples[1]) != 128 * truth
    # Two kinks in one place may cancel, and then there is none; a lie needs a wrong difference.
    assert not np.any(confirmed & wrong)
    assert np.sum(wrong) > LINES / 4


def test_the_symmetric_third_difference_alone_would_be_fooled() -> None:
    kinked = np.abs(np.array(STEPS))
    assert kinked @ [-1, 2, 0, -2, 1] == 0
    assert np.any(np.diff(kinked, 3))


class Fooled:
    """A right linear layer whose first line has another slope than its point.

    It stands in for kinks that happen to lie so that the confirmation does not see them.
    """

    def __init__(self) -> None:
        self.pulls = 0

    def forward(self, x: Array, weight: Array, bias: Array) -> tuple[Array, Any]:
        self.pulls += 1
        tilt = (0, *BESIDE)[self.pulls - 1] if self.pulls <= len(STEPS) else 0
        return x @ weight.T + bias + tilt, (x, weight, bias)


def examined(backward: Any, dtype: str = "float64", forward: Any = None) -> Outcome:
    shapes = {"x": (3, 4), "weight": (2, 4), "bias": (2,), "output": (3, 2)}
    layer = adapt.functional(forward or Fooled().forward, backward, inputs=("x", "weight", "bias"))
    subject = Subject(layer=layer, spec=load_spec("linear"), checks=("differences",))
    return examine(subject, Case(shapes=shapes, dtype=dtype, seed=1))


def affine(x: Array, weight: Array, bias: Array) -> tuple[Array, Any]:
    return x @ weight.T + bias, (x, weight, bias)


def right(dy: Array, cache: Any) -> tuple[Array, ...]:
    x, weight, _ = cache
    return dy @ weight, dy.T @ x, dy.sum(axis=0)


def wrong(dy: Array, cache: Any) -> tuple[Array, ...]:
    dx, dweight, dbias = right(dy, cache)
    return dx, dweight + np.eye(*dweight.shape), dbias


def test_one_tangent_that_disagrees_is_no_failure() -> None:
    outcome = examined(right)
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert "one tangent" in outcome.doubts[0].reason


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_two_tangents_that_disagree_are(dtype: str) -> None:
    assert examined(wrong, dtype, affine).verdict is Verdict.FAIL
    assert examined(right, dtype, affine).verdict is Verdict.PASS


@pytest.mark.parametrize("layer", ["conv2d", "linear", "max_pool2d", "relu", "tanh"])
def test_float16_is_checked_when_it_is_asked_for(layer: str) -> None:
    report = check_layer(layer, examples=30, fixed={"dtype": "float16"})
    assert report.verdict is Verdict.PASS
    assert {c.dtype for c in report.comparisons} == {"float16"}
