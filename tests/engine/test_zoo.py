"""Error bars cover: the truth lies inside on functions whose derivatives are known."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest

from gradcheck import differences, ladder, noise
from gradcheck.bounds import MISS_PROBABILITY, noise_factor
from gradcheck.differences import directional

DRAWS, FEW, WIDEST = 2000, 20, 100
HERE = Path(__file__).parents[2] / "benchmarks" / "_zoo.py"

pytestmark = pytest.mark.skipif(
    bool(np.finfo(np.longdouble).eps >= np.finfo(float).eps), reason="the truth needs wider floats"
)


def load(path: Path) -> Any:
    spec = spec_from_file_location("zoo", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["zoo"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


ROWS = {row.name: row for row in load(HERE).ROWS}


def estimate(row: Any, dtype: str, seed: int = 2) -> tuple[Any, Any]:
    """Return errors and bars of the first draws."""
    draws = FEW if row.dear else DRAWS
    x, tangent = row.draw(np.random.default_rng(seed), draws, dtype)
    with np.errstate(all="ignore"):
        found = directional(row.narrowed(dtype), x, tangent, pointwise=x.ndim == 1, dtype=dtype)
        return np.abs(found.value - row.along(x, tangent)).astype(float), found.bar


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", [r for r in ROWS.values() if not r.limits], ids=lambda r: r.name)
def test_the_truth_lies_inside_the_bar(row: Any, dtype: str) -> None:
    # The factor of the noise allows MISS_PROBABILITY to each of the stencils.
    error, bar = estimate(row, dtype)
    assert DRAWS * ladder.COUNT * MISS_PROBABILITY < 0.1
    assert np.count_nonzero(~(error <= bar)) == 0


@pytest.mark.parametrize("row", [r for r in ROWS.values() if r.limits], ids=lambda r: r.name)
def test_a_limit_of_the_method_is_one_and_no_more(row: Any) -> None:
    missed = {}
    for dtype in ("float64", "float32"):
        error, bar = estimate(row, dtype)
        missed[dtype] = np.count_nonzero(~(error <= bar))
    assert any(missed.values())
    assert not any(count for dtype, count in missed.items() if dtype not in row.limits)


@pytest.mark.parametrize("row", [r for r in ROWS.values() if r.smooth], ids=lambda r: r.name)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_bar_on_smooth_ground_is_no_wider_than_it_has_to_be(row: Any, dtype: str) -> None:
    error, bar = estimate(row, dtype)
    assert np.median(bar) <= WIDEST * np.median(error)


@pytest.mark.parametrize("distance", ["1e-06", "1e-07", "1e-08"])
def test_near_a_kink_the_bar_says_that_nothing_is_known(distance: str) -> None:
    _, bar = estimate(ROWS[f"relu at {distance}"], "float64")
    assert np.median(bar) > 1


def test_with_a_ratio_of_two_roundings_line_up(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = (ladder._weights, ladder.rounding_weight, noise._basis)
    for module in (ladder, noise, differences):
        monkeypatch.setattr(module, "RATIO", 2.0)
    distances = 0.5 * 2.0 ** -np.arange(ladder.COUNT - 1.0, -1, -1)
    monkeypatch.setattr(differences, "DISTANCES", distances)
    for cache in caches:
        cache.cache_clear()
    error, bar = estimate(ROWS["(x + 10000) - 10000"], "float64")
    for cache in caches:
        cache.cache_clear()
    assert np.count_nonzero(error > bar) > 10


def test_a_magnitude_alone_is_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "bound", lambda above, below, dtype: 0.0)
    error, bar = estimate(ROWS["cos of a cancelled sum"], "float64")
    assert np.count_nonzero(error > bar) > 20


@pytest.mark.parametrize("freedom", [3, 9, 17])
def test_the_factor_bounds_students_tail(freedom: int) -> None:
    # P(|T| > q), from the density of Student's t.
    q = noise_factor(freedom)
    density = mpmath.gamma((freedom + 1) / 2) / mpmath.gamma(freedom / 2)
    density /= mpmath.sqrt(freedom * mpmath.pi)
    half = mpmath.quad(
        lambda t: (1 + t * t / freedom) ** (-(freedom + 1) / 2), [q, 10 * q, mpmath.inf]
    )
    assert MISS_PROBABILITY / 100 < 2 * density * half <= MISS_PROBABILITY


TRUTHS: dict[str, Callable[[Any], Any]] = {
    "sin": lambda x: mpmath.sin(x[0]),
    "tanh": lambda x: mpmath.tanh(x[0]),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x[0])),
    "gelu": lambda x: x[0] * mpmath.ncdf(x[0]),
    "softsign": lambda x: x[0] / (1 + abs(x[0])),
    "degree 9": lambda x: x[0] ** 9 - 3 * x[0] ** 5,
    "softmax of 8": lambda x: mpmath.exp(x[0]) / sum(map(mpmath.exp, x)),
    "log-sum-exp of 8": lambda x: mpmath.log(sum(map(mpmath.exp, x))),
    "product of 100": mpmath.fprod,
}


@pytest.mark.parametrize("name", TRUTHS)
def test_the_truth_is_true(name: str) -> None:
    x, tangent = ROWS[name].draw(np.random.default_rng(3), 5, "float64")
    for point, way, known in zip(x, tangent, ROWS[name].along(x, tangent), strict=True):
        with mpmath.workdps(40):
            true = mpmath.diff(line(TRUTHS[name], point, way), 0)
        assert abs(float(true) - float(known)) <= 4 * np.spacing(abs(float(known)))


def line(f: Callable[[Any], Any], point: Any, way: Any) -> Callable[[Any], Any]:
    """Return a function along a line, exact at floats."""
    pairs = [
        (mpmath.mpf(float(p)), mpmath.mpf(float(v)))
        for p, v in zip(np.atleast_1d(point), np.atleast_1d(way), strict=True)
    ]
    return lambda t: f([p + t * v for p, v in pairs])
