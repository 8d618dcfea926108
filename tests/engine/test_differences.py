from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradcheck.differences import directional, kink_factor

Array = npt.NDArray[Any]
Function = Callable[[Array], Array]

SMOOTH: dict[str, tuple[Function, Function]] = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    "1e6 + sin": (lambda x: 1e6 + np.sin(x), np.cos),
    "1e-8 x^3": (lambda x: 1e-8 * x**3, lambda x: 3e-8 * x**2),
    "steep": (lambda x: np.tanh(50 * x), lambda x: 50 / np.cosh(np.clip(50 * x, -300, 300)) ** 2),
}
DRAWS = 20_000


def draw(scale: float = 2.0) -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    x = rng.normal(0, scale, DRAWS)
    return x, rng.choice([-1.0, 1.0], DRAWS) * rng.uniform(0.5, 1, DRAWS)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_bar_covers_the_truth(name: str) -> None:
    f, derivative = SMOOTH[name]
    x, tangent = draw()
    estimate, used = directional(f, x, tangent)
    missed = np.abs(estimate.value - derivative(x) * used) > estimate.bar
    assert np.count_nonzero(missed) == 0


@pytest.mark.parametrize("name", ["sin", "exp", "tanh", "sigmoid"])
def test_the_bar_of_a_smooth_function_is_narrow(name: str) -> None:
    x, tangent = draw()
    estimate, _ = directional(SMOOTH[name][0], x, tangent)
    assert np.median(estimate.bar) < 4e-12


@pytest.mark.parametrize("distance", [1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-8, 0.0])
def test_near_a_kink_the_bar_widens_instead_of_lying(distance: float) -> None:
    rng = np.random.default_rng(2)
    x = distance * rng.choice([-1.0, 1.0], DRAWS) * rng.uniform(0.5, 1, DRAWS)
    _, tangent = draw()
    estimate, used = directional(lambda a: np.maximum(a, 0), x, tangent)
    assert np.all(np.abs(estimate.value - (x > 0) * used) <= estimate.bar)


def test_symmetric_samples_at_a_kink_are_not_believed() -> None:
    estimate, _ = directional(np.abs, np.zeros(1), np.ones(1))
    assert estimate.bar[0] >= 1


def test_a_wrong_derivative_lies_outside_the_bar() -> None:
    x, tangent = draw()
    estimate, used = directional(np.sin, x, tangent)
    wrong = np.cos(x) * used + 1e-9
    assert np.all(np.abs(estimate.value - wrong) > estimate.bar)


def test_samples_lie_on_floats() -> None:
    seen: list[Array] = []

    def watched(a: Array) -> Array:
        seen.append(a)
        return a

    directional(watched, np.array([0.1, 1e3]), np.array([0.7, 0.3]))
    centre, rest = seen[0], seen[1:]
    for up, down in zip(rest[0:4], rest[4:8], strict=True):
        assert np.array_equal(up - centre, centre - down)


def test_every_kink_leaves_a_residual() -> None:
    assert 0 < kink_factor() < 1
