"""Near a kink: which entries lie there and how far, what is right there, and how many may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import LayerReport, Verdict, adapt, bend, bounds

Array = np.ndarray[Any, Any]
Rule = Callable[[Array], Array]


def bent(at: float, *, width: float = 0.0) -> adapt.Functional:
    """Return ReLU with a derivative of one's choice where x is at most ``width``."""

    def backward(dy: Array, x: Array) -> Array:
        slope = np.where(np.abs(x) <= width, at, x > 0)
        return np.multiply(dy, slope, dtype=dy.dtype)

    return adapt.functional(lambda x: (np.maximum(x, 0), x), backward, inputs=("x",))


def largest(share: Rule) -> adapt.Functional:
    """Return the largest of each row, with a rule of how ties share the cotangent."""

    def backward(dy: Array, x: Array) -> Array:
        return np.multiply(dy[:, None], share(x == x.max(axis=1, keepdims=True)), dtype=dy.dtype)

    return adapt.functional(lambda x: (x.max(axis=1), x), backward, inputs=("x",))


def point(shape: tuple[int, ...], distance: float, dtype: str = "float64") -> Array:
    x = np.random.default_rng(3).uniform(0.5, 2.0, shape)
    x.flat[::2] *= -1
    x[1, 2] = distance
    return x.astype(dtype)


def note(report: LayerReport) -> str | None:
    return next((n.message for n in report.notes if n.name == "near a kink"), None)


SHAPES = [(4, 5), (30, 40)]


@pytest.mark.parametrize(
    ("shape", "dtype"), [(SHAPES[0], "float64"), (SHAPES[1], "float64"), (SHAPES[0], "float32")]
)
@pytest.mark.parametrize(
    ("at", "convention"),
    [
        (0.0, "from the left, 0"),
        (0.5, "the mean, 1/2"),
        (0.7, "in between"),
        (1.0, "from the right, 1"),
    ],
)
def test_on_the_kink_any_derivative_between_both_sides_passes(
    at: float, convention: str, shape: tuple[int, int], dtype: str
) -> None:
    report = gradcheck.check(bent(at), x=point(shape, 0.0, dtype))
    assert report.verdict is Verdict.PASS, report.reason
    said = note(report)
    assert said is not None
    assert f"1 of {shape[0] * shape[1]} entries of x are set aside" in said
    assert f"x[1, 2] (0.0e+00 away) {convention}" in said


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("at", [-0.1, 1.1, 2.0])
def test_on_the_kink_a_derivative_outside_both_sides_fails(
    at: float, shape: tuple[int, int]
) -> None:
    report = gradcheck.check(bent(at), x=point(shape, 0.0))
    assert report.verdict is Verdict.FAIL
    failure = report.failures[0]
    assert failure.discrepancy is not None
    assert failure.discrepancy.index == (1, 2)
    assert "x[1, 2] lies 0.0e+00 from a kink" in failure.message


@pytest.mark.parametrize("distance", [1e-5, -1e-6, 1e-9, -1e-12])
def test_how_far_the_kink_is(distance: float) -> None:
    report = gradcheck.check(bent(0.0), x=point((4, 5), distance))
    assert report.verdict is Verdict.PASS
    assert f"x[1, 2] ({abs(distance):.1e} away)" in (note(report) or "")
    wrong = gradcheck.check(bent(2.0, width=1e-4), x=point((4, 5), distance))
    assert wrong.verdict is Verdict.FAIL


@pytest.mark.parametrize("distance", [1.0, 1e-2, -1e-2])
def test_off_the_kink_nothing_is_set_aside(distance: float) -> None:
    report = gradcheck.check(bent(0.0), x=point((4, 5), distance))
    assert report.verdict is Verdict.PASS
    assert note(report) is None


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_not_near_a_kink_is_checked_as_ever(shape: tuple[int, int]) -> None:
    def backward(dy: Array, x: Array) -> Array:
        dx = dy * (x > 0)
        dx[0, 1] *= 1 + 1e-5
        return dx

    off = adapt.functional(lambda x: (np.maximum(x, 0), x), backward, inputs=("x",))
    assert gradcheck.check(off, x=point(shape, 0.0)).verdict is Verdict.FAIL


def test_too_many_entries_near_a_kink_are_inconclusive() -> None:
    x = point((4, 5), 1.0)
    few = int(bounds.MOST_ASIDE * x.size)
    x.flat[:few] = 0
    assert gradcheck.check(bent(0.0), x=x).verdict is Verdict.PASS
    x.flat[: few + 1] = 0
    report = gradcheck.check(bent(0.0), x=x)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert any("within reach of a kink" in doubt.reason for doubt in report.doubts)


RULES: dict[str, tuple[Rule, Verdict]] = {
    "first": (lambda top: top & (np.cumsum(top, axis=1) == 1), Verdict.PASS),
    "last": (lambda top: top & (np.cumsum(top[:, ::-1], axis=1)[:, ::-1] == 1), Verdict.PASS),
    "split": (lambda top: top / top.sum(axis=1, keepdims=True), Verdict.PASS),
    "full": (lambda top: top, Verdict.FAIL),
    "none": (lambda top: top & (top.sum(axis=1, keepdims=True) == 1), Verdict.FAIL),
    "negative": (lambda top: top * np.where(np.cumsum(top, axis=1) > 1, -1, 2), Verdict.FAIL),
}


TAKEN = {
    "first": {0: "from the right, 1", 4: "from the left, 0"},
    "last": {0: "from the left, 0", 4: "from the right, 1"},
    "split": {0: "the mean, 1/2", 4: "the mean, 1/2"},
}
"""What each of two tied entries gets."""


@pytest.mark.parametrize("name", RULES)
def test_ties_share_a_cotangent_and_no_more(name: str) -> None:
    rule, verdict = RULES[name]
    if name == "negative":  # without ties it is no maximum's gradient
        rule = lambda top: np.where(top.sum(axis=1, keepdims=True) > 1, RULES[name][0](top), top)  # noqa: E731
    x = point((4, 5), 0.3)
    x[1, 0] = x[1, 4] = 5.0
    report = gradcheck.check(largest(rule), x=x)
    assert report.verdict is verdict, report.reason
    if verdict is Verdict.PASS:
        said = note(report) or ""
        assert "2 of 20 entries of x are set aside" in said
        assert all(f"x[1, {k}] (0.0e+00 away) {TAKEN[name][k]}" in said for k in (0, 4))


def clipped(at: float) -> adapt.Functional:
    """Return hardtanh with a derivative of one's choice at both its kinks."""

    def backward(dy: Array, x: Array) -> Array:
        return np.multiply(dy, np.where(np.abs(x) == 1, at, np.abs(x) < 1))

    return adapt.functional(lambda x: (np.clip(x, -1, 1), x), backward, inputs=("x",))


def differing(at: float) -> adapt.Functional:
    """Return ReLU of the difference of both halves: entries that share a kink."""

    def backward(dy: Array, apart: Array) -> Array:
        half = dy * np.where(apart == 0, at, apart > 0)
        return np.concatenate([half, -half], axis=1)

    def forward(x: Array) -> tuple[Array, Array]:
        apart = x[:, :3] - x[:, 3:]
        return np.maximum(apart, 0), apart

    return adapt.functional(forward, backward, inputs=("x",))


STRANGE: dict[
    str, tuple[Callable[[float], adapt.Functional], dict[tuple[int, int], float], int]
] = {
    "both kinks of hardtanh": (clipped, {(0, 0): 1.0, (2, 3): -1.0, (3, 1): 1 + 1e-9}, 3),
    "entries that share a kink": (differing, {(1, 1): 0.75, (1, 4): 0.75}, 2),
}


@pytest.mark.parametrize("name", STRANGE)
def test_kinks_that_nobody_described_are_localised(name: str) -> None:
    layer, placed, count = STRANGE[name]
    x = np.random.default_rng(4).uniform(-2.5, 2.5, (4, 6))
    for index, value in placed.items():
        x[index] = value
    for at in (0.0, 0.5, 1.0):
        report = gradcheck.check(layer(at), x=x)
        assert report.verdict is Verdict.PASS, report.reason
        said = note(report) or ""
        assert f"{count} of 24 entries of x are set aside" in said
        assert all(f"x{list(index)}" in said for index in placed)
    for at in (-0.5, 1.5):
        assert gradcheck.check(layer(at), x=x).verdict is Verdict.FAIL


@pytest.mark.parametrize("shape", SHAPES)
def test_a_smooth_function_has_no_corner(shape: tuple[int, int]) -> None:
    steep = adapt.functional(
        lambda x: (np.tanh(30 * x), x),
        lambda dy, x: dy * 30 / np.cosh(30 * x) ** 2,
        inputs=("x",),
    )
    assert note(gradcheck.check(steep, x=point(shape, 1e-9))) is None


def _cancelling(x: Any, size: float) -> Any:
    """Of unit slope, and rounded as sums of a larger size are."""
    weight = size * np.random.default_rng(0).normal(size=(12, 12))
    return weight @ x - (weight - np.eye(12)) @ x


@pytest.mark.parametrize("seed", range(50))
def test_what_rounding_leaves_is_no_corner(seed: int) -> None:
    x, tangent = np.random.default_rng(seed).normal(size=(2, 12))
    assert bend.corners(lambda x: _cancelling(x, 1e4), x, 1e-3 * tangent, "float64", 3) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_corner_shows_through_rounding(seed: int) -> None:
    x, tangent = np.random.default_rng(seed).normal(size=(2, 12))
    x[seed % 12] = 1e-9
    found = bend.corners(lambda x: _cancelling(abs(x), 1e3), x, tangent, "float64", 3)
    assert found == [seed % 12]
