"""Error bars cover: the truth lies inside on functions whose derivatives are known."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradcheck.differences import LADDERS, directional, representable

DRAWS, COVERED, WIDEST = 4000, 0.9999, 100
HERE = Path(__file__).parents[2] / "benchmarks" / "_zoo.py"


def load(path: Path) -> Any:
    spec = spec_from_file_location("zoo", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    import sys

    sys.modules["zoo"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


ROWS = load(HERE).ROWS


def estimate(row: Any, dtype: str) -> tuple[Any, Any]:
    """Return errors and bars of the first draws."""
    x, tangent = row.draw(np.random.default_rng(2), DRAWS)

    def f(a: Any) -> Any:
        return np.asarray(row.f(a.astype(dtype))).astype(dtype).astype(np.float64)

    with np.errstate(all="ignore"):
        found, used = directional(f, x, tangent, dtype)
        point = representable(x, tangent, LADDERS[dtype], dtype)[0]
        return np.abs(found.value - row.along(point, used)), found.bar


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_truth_lies_inside_the_bar(row: Any, dtype: str) -> None:
    error, bar = estimate(row, dtype)
    if dtype not in row.limits:
        assert np.mean(error <= bar) >= COVERED


@pytest.mark.parametrize("row", [row for row in ROWS if row.smooth], ids=lambda row: row.name)
def test_a_bar_on_smooth_ground_is_no_wider_than_it_has_to_be(row: Any) -> None:
    error, bar = estimate(row, "float64")
    assert np.median(bar) <= WIDEST * np.median(error)


@pytest.mark.parametrize("distance", [1e-6, 1e-7, 1e-8])
def test_near_a_kink_the_bar_says_that_nothing_is_known(distance: float) -> None:
    row = next(row for row in ROWS if row.name == f"relu at {distance:g}")
    _, bar = estimate(row, "float64")
    assert np.median(bar) > 1


def test_without_samples_at_unequal_distances_a_cancelled_sum_is_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from gradcheck import differences

    row = next(row for row in ROWS if row.name == "cos of a cancelled sum")
    error, bar = estimate(row, "float64")
    monkeypatch.setattr(differences, "_unequal", lambda f, x, step, grid: 0.0)
    blind_error, blind_bar = estimate(row, "float64")
    assert np.mean(error > bar) < np.mean(blind_error > blind_bar) / 5
