from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradcheck.differences import directional
from gradcheck.ladder import DISTANCES, RATIO, WIDTH, rounding_weight, singular_factor, stencils

Array = npt.NDArray[Any]

DRAWS = 20_000


def draw(scale: float = 2.0) -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    x = rng.normal(0, scale, DRAWS)
    return x, rng.choice([-1.0, 1.0], DRAWS) * rng.uniform(0.5, 1, DRAWS)


@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 0.0])
def test_near_a_kink_the_bar_widens_instead_of_lying(distance: float) -> None:
    rng = np.random.default_rng(2)
    x = distance * rng.choice([-1.0, 1.0], DRAWS) * rng.uniform(0.5, 1, DRAWS)
    _, tangent = draw()
    estimate = directional(lambda a: np.maximum(a, 0), x, tangent, pointwise=True)
    assert np.all(np.abs(estimate.value - (x > 0) * tangent) <= estimate.bar)


@pytest.mark.parametrize(
    "f", [np.abs, lambda x: np.sign(x) * np.sqrt(np.abs(x))], ids=["even", "odd"]
)
def test_symmetric_samples_at_a_singularity_are_not_believed(f: Any) -> None:
    assert directional(f, np.zeros(1), np.ones(1)).bar[0] >= 1


def test_a_wrong_derivative_lies_outside_the_bar() -> None:
    x, tangent = draw()
    estimate = directional(np.sin, x, tangent, pointwise=True)
    wrong = np.cos(x) * tangent + 1e-9
    assert np.all(np.abs(estimate.value - wrong) > estimate.bar)


def test_a_staircase_is_not_taken_for_a_constant() -> None:
    x, tangent = draw()
    estimate = directional(lambda a: np.round(a * 1024) / 1024, x, tangent, pointwise=True)
    assert np.all(np.abs(estimate.value - tangent) <= estimate.bar)


def test_a_flat_side_of_a_kink_is_narrow() -> None:
    estimate = directional(lambda a: np.maximum(a, 0), np.full(3, -0.01), np.ones(3))
    assert np.all(estimate.value == 0)
    assert np.all(estimate.bar < 1e-12)


def test_an_argument_that_hardly_moves_says_nothing() -> None:
    estimate = directional(np.sin, np.array([1e17]), np.ones(1))
    assert np.isinf(estimate.bar[0])


def test_samples_that_leave_the_domain_leave_the_finer_ones() -> None:
    estimate = directional(np.sqrt, np.array([1e-3, -1.0]), np.ones(2), pointwise=True)
    error = abs(estimate.value[0] - 0.5 / np.sqrt(1e-3))
    assert error <= estimate.bar[0] < 1e-3
    assert np.isinf(estimate.bar[1])


def test_one_entry_of_many_is_moved() -> None:
    tangent = np.zeros((3, 4))
    tangent[1, 2] = 0.5
    x = np.random.default_rng(0).normal(size=(3, 4))
    estimate = directional(lambda a: np.sin(a).sum(axis=1), x, tangent)
    truth = np.cos(x[1, 2]) * 0.5
    assert np.all(np.abs(estimate.value - [0, truth, 0]) <= estimate.bar)
    assert np.all(estimate.bar < 1e-11)


@pytest.mark.parametrize("degree", range(10))
def test_order_eight_is_exact_for_degree_eight(degree: int) -> None:
    h = DISTANCES[-WIDTH:]
    above, below = (np.array([(0.3 + s * h) ** degree - 0.3**degree]).T for s in (1, -1))
    said = stencils(above, below, h)
    off = abs(said.value[0, 0] - degree * 0.3 ** max(degree - 1, 0))
    assert (off < 1e-14) == (degree <= 8)
    assert (said.residual[0, 0] < 1e-13) == (degree <= 5)


def test_no_singularity_beats_its_factor() -> None:
    rng, worst = np.random.default_rng(4), 0.0
    distances = RATIO ** np.arange(float(WIDTH))
    for power in (0.0, 1.0, 1.5, 1.8, 2.3, 3.7):
        place = rng.uniform(-1, 1, DRAWS) * rng.choice([1e-3, 1, 4, 9], DRAWS)
        right, left = rng.normal(size=(2, DRAWS))

        def f(t: Any, power: float = power, place: Array = place, right: Array = right,
              left: Array = left) -> Array:  # fmt: skip
            away: Array = t - place
            return np.where(away > 0, right, left) * np.abs(away) ** power

        above, below = ([f(s * d) - f(0.0) for d in distances] for s in (1, -1))
        said = stencils(np.array(above), np.array(below), distances)
        truth = np.where(place < 0, right, -left) * power * np.abs(place) ** (power - 1)
        error = np.abs(said.value[0] - truth) - said.truncation[0]
        worst = max(worst, float(np.max(error - singular_factor() * said.residual[0])))
    assert worst <= 1e-12
    assert 0 < singular_factor() < 1


def test_the_weight_of_a_rounding_is_that_of_independent_ones() -> None:
    noise = np.random.default_rng(5).normal(size=(2, WIDTH, 200_000))
    said = stencils(noise[0], noise[1], RATIO ** np.arange(float(WIDTH)))
    assert abs(np.std(said.value) / rounding_weight() - 1) < 0.01
