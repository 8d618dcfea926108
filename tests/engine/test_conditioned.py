from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt

STEEP = 300


def sine(x: Any) -> Any:
    """Round 300 x: in float32 the last digits of the result go with it."""
    z = x * x.dtype.type(STEEP)
    return np.sin(z), z


def verdict(backward: Any, shape: tuple[int, ...], seed: int) -> Verdict:
    x = np.random.default_rng(seed).normal(size=shape).astype("float32")
    return gradcheck.check(adapt.functional(sine, backward, inputs=("x",)), x=x).verdict


@pytest.mark.parametrize("shape", [(3, 4), (10, 10)])
@pytest.mark.parametrize("seed", range(3))
def test_digits_that_the_inputs_cannot_hold_are_no_error(shape: tuple[int, ...], seed: int) -> None:
    right = verdict(lambda dy, z: STEEP * dy * np.cos(z), shape, seed)
    assert right is not Verdict.FAIL


@pytest.mark.parametrize("shape", [(3, 4), (10, 10)])
@pytest.mark.parametrize("seed", range(3))
def test_an_error_beyond_them_is_one(shape: tuple[int, ...], seed: int) -> None:
    wrong = verdict(lambda dy, z: STEEP * dy * np.cos(z) * np.float32(1.05), shape, seed)
    assert wrong is Verdict.FAIL
