"""Ties: data off them, and what a backward may do on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from gradcheck.properties import Ties
from gradcheck.properties._windows import sliding

from gradcheck import properties
from gradcheck.case import Case
from gradcheck.finding import Failure, Note
from gradcheck.spec import Spec
from gradcheck.trial import Trial

Draw = Callable[..., list[Case]]
Array = np.ndarray
Rule = Callable[[Array, float], Array]

SPANS = (1 << 53, 1 << 24, 10_000, 500, 7, 1)


def _pools() -> list[Spec]:
    sliding = [properties.max_pool1d(), properties.max_pool2d(), properties.max_pool3d()]
    return [*sliding, properties.global_max_pool2d()]


@pytest.mark.parametrize("spec", _pools(), ids=lambda spec: spec.name)
@pytest.mark.parametrize("span", SPANS)
def test_no_two_entries_of_a_plane_are_near_each_other(spec: Spec, span: int, draw: Draw) -> None:
    assert spec.kinks is not None
    for target in ("any", *(wanted.name for wanted in spec.classes)):
        for case in draw(spec.cases(target, {}), 3):
            x, reach = spec.kinks.place(case, "x", span, np.random.default_rng(case.seed))
            assert x.shape == case.shape("x")
            assert x.dtype == np.int64
            assert reach >= 0
            if reach == 0:  # too small a span to stay off the ties
                continue
            planes = np.sort(x.reshape(-1, np.prod(x.shape[2:])), axis=1)
            gaps = np.diff(planes, axis=1)
            assert np.all(gaps > 4 * reach), case
            assert np.all(np.abs(x) + 2 * reach <= span), case
            if case.data == "negative":
                assert np.all(x < -2 * reach), case


def test_the_reach_is_a_good_part_of_the_span() -> None:
    case = Case(shapes={"x": (1, 1, 4, 4)})
    _, reach = Ties(sliding).place(case, "x", 1 << 24, np.random.default_rng(0))
    assert reach > (1 << 25) / 16 / 8


def test_a_shared_maximum_is_where_windows_overlap(draw: Draw) -> None:
    spec = properties.max_pool2d()
    assert spec.kinks is not None
    for case in draw(spec.cases("maximum of several windows", {})):
        x, _ = spec.kinks.place(case, "x", 1 << 24, np.random.default_rng(case.seed))
        windows = sliding(case)
        for plane in x.reshape(-1, x.shape[2] * x.shape[3]):
            assert np.any(windows == plane.argmax(), axis=1).sum() > 1, case


@dataclass
class Pool:
    """Max pooling with a rule for ties: how the maxima share a cotangent."""

    case: Case
    rule: Rule
    name: str = "pool"
    inputs: tuple[str, ...] = ("x",)

    def __call__(self, config: Mapping[str, Any], /) -> Pool:
        return self

    def pull(self, **inputs: Any) -> tuple[Array, Any]:
        x, windows = inputs["x"], sliding(self.case)
        planes = x.reshape(-1, x.shape[2] * x.shape[3])
        entries = np.where(windows >= 0, planes[:, windows], -np.inf)

        def pullback(cotangent: Array) -> dict[str, Array]:
            dy, dx = cotangent.reshape(len(planes), -1), np.zeros_like(planes)
            for plane, window in np.argwhere(dy):
                values = entries[plane, window]
                top = windows[window][values == values.max()]
                dx[plane, top] += self.rule(top, dy[plane, window])
            return {"x": dx.reshape(x.shape)}

        return entries.max(axis=2).reshape(self.case.shape("output")).astype(x.dtype), pullback


def _first(top: Array, u: float) -> Array:
    return np.where(np.arange(len(top)) == 0, u, 0.0)


def _last(top: Array, u: float) -> Array:
    return np.where(np.arange(len(top)) == len(top) - 1, u, 0.0)


def _split(top: Array, u: float) -> Array:
    return np.full(len(top), u / len(top))


def _uneven(top: Array, u: float) -> Array:
    weights = np.arange(1.0, len(top) + 1)
    shares: Array = u * weights / weights.sum()
    return shares


def _full(top: Array, u: float) -> Array:
    return np.full(len(top), u)


def _nothing(top: Array, u: float) -> Array:
    return np.zeros(len(top))


def _sign(top: Array, u: float) -> Array:
    return _first(top, 2 * u) - _last(top, u) if len(top) > 1 else _first(top, u)


def _nan(top: Array, u: float) -> Array:
    return np.full(len(top), np.nan)


def _findings(rule: Rule, draw: Draw, **fixed: Any) -> list[Failure | Note]:
    """Return what is found at ties of windows of nine."""
    spec = properties.max_pool2d()
    assert spec.kinks is not None
    cases = draw(spec.cases("stride < kernel", {"kernel_size": 3, **fixed}), 15)
    trials = [Trial(Pool(case, rule), case, spec=spec) for case in cases]
    return [finding for trial in trials for finding in spec.kinks.check(trial)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (_first, "the first maximum gets the gradient (same as torch)"),
        (_last, "the last maximum gets the gradient (a valid convention, other than torch's)"),
        (_split, "the maxima share the gradient equally (a valid convention, other than torch's)"),
        (_uneven, "by no simple rule (a valid convention, other than torch's)"),
    ],
)
def test_a_valid_convention_is_named(rule: Rule, message: str, dtype: str, draw: Draw) -> None:
    findings = _findings(rule, draw, dtype=dtype)
    assert len(findings) > 5
    for finding in findings:
        assert isinstance(finding, Note), finding
        assert finding.name == "tie convention"
        assert message in finding.message


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (_full, r"each of the (\d+) tied maxima received the full gradient (\d); together they "),
        (_nothing, r"received 0, and the cotangent is \d"),
        (_sign, "a share is never negative"),
        (_nan, "a maximum received nan"),
    ],
)
@pytest.mark.parametrize("data", ["plain", "negative", "overlap"])
def test_an_invalid_gradient_fails(rule: Rule, message: str, data: str, draw: Draw) -> None:
    failures = [f for f in _findings(rule, draw, data=data) if isinstance(f, Failure)]
    assert len(failures) > 5
    for failure in failures:
        assert (failure.check, failure.wrt) == ("ties", "x")
        assert re.search(message, failure.message), failure.message


def test_a_gradient_beside_the_maxima_fails(draw: Draw) -> None:
    class Astray(Pool):
        axis: int

        def pull(self, **inputs: Any) -> tuple[Array, Any]:
            y, pullback = super().pull(**inputs)
            return y, lambda u: {"x": np.roll(pullback(u)["x"], 1, axis=self.axis)}

    spec = properties.max_pool2d()
    assert spec.kinks is not None
    for axis, message in ((1, "went to another sample or channel"), (3, "is no maximum of the")):
        Astray.axis = axis
        cases = draw(spec.cases("channels > 1", {"kernel_size": (1, 2), "padding": 0}))
        trials = [Trial(Astray(case, _first), case, spec=spec) for case in cases]
        found = [f for trial in trials for f in spec.kinks.check(trial) if isinstance(f, Failure)]
        assert len(found) > 20
        assert all(message in failure.message for failure in found)


def test_windows_that_overwrite_each_other_fail(draw: Draw) -> None:
    class Overwriting(Pool):
        def pull(self, **inputs: Any) -> tuple[Array, Any]:
            y, pullback = super().pull(**inputs)

            def overwriting(u: Array) -> dict[str, Array]:
                dx = np.zeros_like(inputs["x"])
                for place in np.flatnonzero(u):
                    single = np.zeros_like(u)
                    single.flat[place] = u.flat[place]
                    alone = pullback(single)["x"]
                    dx = np.where(alone != 0, alone, dx)
                return {"x": dx}

            return y, overwriting

    spec = properties.max_pool2d()
    assert spec.kinks is not None
    cases = draw(spec.cases("stride < kernel", {"kernel_size": 3}), 15)
    for rule in (_first, _split):
        trials = [Trial(Overwriting(case, rule), case, spec=spec) for case in cases]
        failures = [f for t in trials for f in spec.kinks.check(t) if isinstance(f, Failure)]
        assert len(failures) > 5
        assert all("do not add up" in failure.message for failure in failures)


def test_one_cause_gives_one_failure_a_case(draw: Draw) -> None:
    spec = properties.max_pool2d()
    assert spec.kinks is not None
    for case in draw(spec.cases("any", {}), 10):
        assert len(list(spec.kinks.check(Trial(Pool(case, _full), case, spec=spec)))) <= 1
