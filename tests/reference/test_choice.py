"""Choosing by bits is choosing: every bit of every number is the one that `numpy.where` takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gradcheck.reference._choice import choose

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -2.5]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_it_takes_what_where_takes(dtype: Any) -> None:
    rng = np.random.default_rng(0)
    x, y = (
        np.concatenate([rng.normal(size=90), rng.permuted(SPECIAL)]).astype(dtype) for _ in "xy"
    )
    for condition in (x > 0, ~(x > 0), np.isnan(y), x < 9):
        for a, b in ((x, y), (x, 0.5), (-0.0, y), (x[::-1], y), (x, dtype(3))):
            chosen = choose(condition, a, b)
            expected = np.where(condition, a, b)
            assert chosen.dtype == expected.dtype == dtype
            assert np.array_equal(expected, chosen, equal_nan=True)
            assert np.array_equal(np.signbit(expected), np.signbit(chosen))
