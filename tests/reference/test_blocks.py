"""Large arrays are worked out in blocks: nothing is left out, nothing counted twice."""

from __future__ import annotations

import numpy as np
import pytest
from gradcheck.reference import hardswish
from gradcheck.reference._pointwise import BLOCK


@pytest.mark.parametrize("size", [BLOCK, BLOCK + 1, 3 * BLOCK - 1])
def test_blocks_are_the_whole(size: int) -> None:
    rng = np.random.default_rng(0)
    x, dy = 4 * rng.normal(size=(2, size)), rng.normal(size=(2, size))
    y, cache = hardswish.forward(x)
    dx = hardswish.backward(dy, cache)
    assert y.shape == dx.shape == x.shape
    assert np.array_equal(y, hardswish.value(x))
    assert np.array_equal(dx, dy * hardswish.slope(x))
