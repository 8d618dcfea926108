"""Large arrays are worked out in blocks: nothing is left out, nothing counted twice."""

from __future__ import annotations

import numpy as np
import pytest
from gradcheck.reference import hardswish
from gradcheck.reference._blocks import BLOCK, in_blocks

ENTRIES = BLOCK // 8


@pytest.mark.parametrize("size", [ENTRIES, ENTRIES + 1, 3 * ENTRIES - 1])
def test_blocks_are_the_whole(size: int) -> None:
    rng = np.random.default_rng(0)
    x, dy = 4 * rng.normal(size=(2, size)), rng.normal(size=(2, size))
    y, cache = hardswish.forward(x)
    dx = hardswish.backward(dy, cache)
    assert y.shape == dx.shape == x.shape
    assert np.array_equal(y, hardswish.value(x))
    assert np.array_equal(dx, dy * hardswish.slope(x))


@pytest.mark.parametrize(
    "shape", [(5, ENTRIES // 3), (2 * ENTRIES, 3), (1, 2 * ENTRIES), (), (0, 3)]
)
def test_arrays_of_any_layout_are_cut_along_their_first_axis(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, weight = np.asfortranarray(rng.normal(size=shape)), np.broadcast_to(0.5, shape)
    assert np.array_equal(x * weight, in_blocks(lambda x, weight: x * weight, x, weight))


def test_a_result_goes_where_it_is_asked_to() -> None:
    x, pairs = np.arange(3.0 * ENTRIES), np.zeros((3 * ENTRIES, 2))
    in_blocks(lambda x: -x, x, out=pairs[:, 1])
    assert np.array_equal(np.stack([0 * x, -x], axis=1), pairs)


def test_half_precision_is_rounded_once() -> None:
    x = np.full(3, 1 / 3, np.float16)
    assert np.array_equal(x, in_blocks(lambda x: (x + 2048) - 2048, x))
    assert not np.array_equal(x, (x + 2048) - 2048)
