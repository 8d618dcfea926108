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


def entropy(x: Any) -> Any:
    """Sum p log p; where one p is nearly 1 it stands still for the finest samples."""
    p = np.exp(x - x.max(-1, keepdims=True))
    p = p / p.sum(-1, keepdims=True)
    return (p * np.log(p)).sum(-1), p


def entropy_slope(dy: Any, p: Any) -> Any:
    return dy[:, None] * p * (np.log(p) - (p * np.log(p)).sum(-1, keepdims=True))


@pytest.mark.parametrize("seed", [3, 34])
def test_what_the_finest_samples_cannot_show_is_no_error(seed: int) -> None:
    x = 8 * np.random.default_rng(seed).normal(size=(3, 5))
    right = adapt.functional(entropy, entropy_slope, inputs=("x",))
    assert gradcheck.check(right, x=x).verdict is not Verdict.FAIL
    wrong = adapt.functional(entropy, lambda dy, p: 1.001 * entropy_slope(dy, p), inputs=("x",))
    assert gradcheck.check(wrong, x=x).verdict is Verdict.FAIL
