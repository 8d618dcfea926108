"""Activations and losses against mpmath: value and slope within (4 + 2k) units in the last place.

k = abs(x f'(x) / f(x)) is the condition: what a change of x in its last place makes of the value.
Half of the points are random bit patterns, so every magnitude is as likely as any other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest
from gradcheck.reference import _error_function

POINTS = 160
HERE = Path(__file__).parents[2] / "benchmarks" / "_truth.py"


def load(path: Path) -> Any:
    spec = spec_from_file_location("truth", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["truth"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


TRUTH = load(HERE)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def known(row: Any, x: Any) -> tuple[list[Any], ...]:
    """Return f, f' and f'' at every point."""
    return tuple(map(list, zip(*(TRUTH.truth(row, place) for place in x.tolist()), strict=True)))


@every_dtype
@pytest.mark.parametrize("row", TRUTH.ROWS, ids=lambda row: row.name)
def test_value_and_slope_lose_no_more_than_their_condition(row: Any, dtype: str) -> None:
    x = TRUTH.points(dtype, POINTS, row)
    with np.errstate(all="raise", under="ignore"):
        y, slope = row.ours(x)
    f, first, second = known(row, x)
    for found in (TRUTH.errors(x, y, f, first), TRUTH.errors(x, slope, first, second)):
        assert len(found.x) > POINTS / 4
        assert found.share.max() <= 1, found.x[found.share.argmax()]


def share(x: Any) -> Any:
    """Return the softmax of (x, 0, 1) at x."""
    return 1 / (1 + np.exp(-x) + np.exp(1 - x))


CARELESS: dict[str, Callable[[Any], Any]] = {
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x))),
    "tanhshrink": lambda x: 1 - np.cosh(x) ** -2.0,
    "softmax(x, 0, 1)": lambda x: share(x) * (1 - share(x)),
    "cross_entropy(class of x)": lambda x: share(x) - 1,
    "selu": lambda x: np.where(x > 0, 1.0507, 1.7581 * np.exp(np.minimum(x, 0))),
}


@pytest.mark.parametrize("name", CARELESS)
def test_careless_slopes_lose_more(name: str) -> None:
    (row,) = (row for row in TRUTH.ROWS if row.name == name)
    x = TRUTH.points("float64", POINTS, row)
    _, first, second = known(row, x)
    with np.errstate(all="ignore"):
        assert TRUTH.errors(x, CARELESS[name](x), first, second).share.max() > 1


@pytest.mark.parametrize(("dtype", "most"), [("float64", 6), ("float32", 1), ("float16", 1)])
@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_the_error_function_is_right_to_a_few_units(name: str, dtype: str, most: float) -> None:
    rng = np.random.default_rng(0)
    bits = np.frombuffer(rng.bytes(200 * np.dtype(dtype).itemsize), dtype)
    x = np.concatenate([bits, rng.uniform(-7, 28, 600).astype(dtype)])
    x = x[np.isfinite(x)]
    with np.errstate(all="raise", under="ignore"):
        found = getattr(_error_function, name)(x)
    assert found.dtype == x.dtype
    with mpmath.workdps(50):
        for place, mine in zip(x.tolist(), found.tolist(), strict=True):
            exact = getattr(mpmath, name)(max(min(place, 1e5), -1e5))
            unit = np.spacing(x.dtype.type(abs(float(exact)))).astype(float)
            assert abs(mine - exact) <= most * float(unit), (place, mine)
