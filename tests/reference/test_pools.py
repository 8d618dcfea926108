"""Pools against torch, along 1, 2 and 3 axes.

Integers held in floats. Maxima and their gradients do not round, so equality is demanded. A mean
is one sum of integers, exact, and one division, so it has to be torch's to the bit; in its gradient
every share rounds and up to prod(kernel) of them are summed, and ``gamma_n`` times the sum of the
magnitudes bounds that (Higham, Accuracy and Stability, section 3.1).
"""

from __future__ import annotations

from math import prod
from typing import Any

import gradcheck.reference
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from gradcheck.reference._types import Array
from hypothesis import assume, given, settings
from hypothesis import strategies as st

Config = dict[str, Any]

thorough = settings(max_examples=150, deadline=None, database=None, derandomize=True)
every_axes = pytest.mark.parametrize("axes", [1, 2, 3])
dtypes = st.sampled_from([np.float32, np.float64])
seeds = st.integers(0, 2**32 - 1)
small = st.integers(1, 3)


@st.composite
def sliding(
    draw: st.DrawFn, axes: int, dilations: tuple[int, ...], whole: bool = False
) -> tuple[Config, list[int]]:
    """Draw windows and the image, from the output backwards; a rest below 0 hangs over.

    A ``whole`` image is not smaller than the kernel: torch's avg_pool3d refuses others.
    """
    config: Config = {"kernel_size": [], "stride": [], "padding": [], "dilation": []}
    config["ceil_mode"] = draw(st.booleans())
    size = []
    for _ in range(axes):
        k, s, out = draw(small), draw(small), draw(small)
        p, d = draw(st.integers(0, k // 2)), draw(st.sampled_from(dilations))
        reach = d * (k - 1) + 1
        rest = draw(st.integers(1 - s if config["ceil_mode"] else 0, s - 1))
        size.append(max((out - 1) * s + reach + rest - 2 * p, reach - 2 * p, k if whole else 1))
        for key, value in zip(("kernel_size", "stride", "padding", "dilation"), (k, s, p, d)):  # noqa: B905
            config[key].append(value)
    settled = {key: tuple(v) if isinstance(v, list) else v for key, v in config.items()}
    return settled, [draw(small), draw(small), *size]


def both(name: str, x: Array, seed: int, config: Config) -> tuple[list[Array], list[Array]]:
    """Return output and gradient, ours and torch's, for one drawn cotangent of integers.

    Torch is not asked where a dilated window steps over the whole image: its backward writes
    outside the gradient there.
    """
    module = getattr(gradcheck.reference, name)
    y, cache = module.forward(x, **config)
    assume(not np.isneginf(y).any())
    dy = np.random.default_rng(seed).integers(-8, 9, y.shape).astype(y.dtype)
    leaf = torch.tensor(x, requires_grad=True)
    expected = getattr(F, name)(leaf, **config)
    expected.backward(torch.tensor(dy))
    assert leaf.grad is not None
    return [y, module.backward(dy, cache)], [expected.detach().numpy(), leaf.grad.numpy()]


@every_axes
@thorough
@given(st.data(), dtypes, seeds, st.booleans())
def test_max_pool(axes: int, data: st.DataObject, dtype: Any, seed: int, nan: bool) -> None:
    """Ties are frequent, and NaN is drawn too: who has the gradient is torch's choice."""
    config, shape = data.draw(sliding(axes, (1, 2, 3)))
    rng = np.random.default_rng(seed)
    x = rng.integers(-3, 4, shape).astype(dtype)
    if nan:
        x[rng.random(shape) < 0.2] = np.nan
    ours, torchs = both(f"max_pool{axes}d", x, seed, config)
    for one, other in zip(ours, torchs, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype), config
        assert np.array_equal(one, other, equal_nan=True), (config, one, other)


@every_axes
@thorough
@given(st.data(), dtypes, seeds)
def test_avg_pool(axes: int, data: st.DataObject, dtype: Any, seed: int) -> None:
    config, shape = data.draw(sliding(axes, (1,), whole=axes == 3))
    del config["dilation"]
    config["count_include_pad"] = data.draw(st.booleans())
    if axes > 1:  # torch's avg_pool1d has none
        config["divisor_override"] = data.draw(st.sampled_from([None, 1, 3, 7, -2]))
    x = np.random.default_rng(seed).integers(-8, 9, shape).astype(dtype)
    (y, dx), (expected, gradient) = both(f"avg_pool{axes}d", x, seed, config)
    assert (y.dtype, dx.dtype) == (x.dtype, x.dtype)
    assert np.array_equal(y, expected), config
    terms = prod(config["kernel_size"]) + 1
    gamma = terms * np.finfo(dtype).eps / (1 - terms * np.finfo(dtype).eps)
    magnitudes = 8.0 * terms  # each of them is at most 8
    assert np.all(np.abs(dx - gradient) <= 2 * gamma * magnitudes), config


@every_axes
@thorough
@given(st.data(), seeds)
def test_indices_of_max_pool(axes: int, data: st.DataObject, seed: int) -> None:
    config, shape = data.draw(sliding(axes, (1, 2)))
    x = np.random.default_rng(seed).integers(-3, 4, shape).astype(np.float64)
    y, cache = getattr(gradcheck.reference, f"max_pool{axes}d").forward(x, **config)
    assume(not np.isneginf(y).any())
    pool = getattr(F, f"max_pool{axes}d")
    _, indices = pool(torch.tensor(x), **config, return_indices=True)
    assert np.array_equal(cache.indices, indices.numpy()), config


@st.composite
def adaptive(draw: st.DrawFn, axes: int) -> tuple[tuple[int | None, ...], list[int]]:
    """Draw how many windows, and the image; None keeps an axis, where there are several."""
    number = st.integers(1, 5) if axes == 1 else st.one_of(st.none(), st.integers(1, 5))
    out = draw(st.tuples(*[number] * axes))
    most = 5 if axes == 3 else 9
    return out, [draw(small), draw(small), *(draw(st.integers(1, most)) for _ in out)]


@every_axes
@thorough
@given(st.data(), dtypes, seeds, st.booleans())
def test_adaptive_max_pool(
    axes: int, data: st.DataObject, dtype: Any, seed: int, nan: bool
) -> None:
    out, shape = data.draw(adaptive(axes))
    rng = np.random.default_rng(seed)
    x = rng.integers(-3, 4, shape).astype(dtype)
    if nan:
        x[rng.random(shape) < 0.2] = np.nan
    ours, torchs = both(f"adaptive_max_pool{axes}d", x, seed, {"output_size": out})
    for one, other in zip(ours, torchs, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype), out
        assert np.array_equal(one, other, equal_nan=True), (out, one, other)
    pool = getattr(F, f"adaptive_max_pool{axes}d")
    _, indices = pool(torch.tensor(x), out, return_indices=True)
    layer = getattr(gradcheck.reference, f"adaptive_max_pool{axes}d")
    assert np.array_equal(layer.forward(x, output_size=out)[1].indices, indices.numpy()), out


@every_axes
@thorough
@given(st.data(), seeds)
def test_adaptive_avg_pool(axes: int, data: st.DataObject, seed: int) -> None:
    """In float64: of integers so small, with so few places to a window, ours round once."""
    out, shape = data.draw(adaptive(axes))
    x = np.random.default_rng(seed).integers(-8, 9, shape).astype(np.float64)
    (y, dx), (expected, gradient) = both(f"adaptive_avg_pool{axes}d", x, seed, {"output_size": out})
    gamma = 2 * (prod(shape[2:]) + 4) * np.finfo(np.float64).eps
    assert np.all(np.abs(y - expected) <= gamma * 8), out
    assert np.all(np.abs(dx - gradient) <= gamma * 8 * 2**axes * 5**axes), out


@every_axes
@thorough
@given(st.data(), seeds, st.sampled_from([1.0, 1.5, 2.0, 3.0, 4.0]))
def test_lp_pool(axes: int, data: st.DataObject, seed: int, p: float) -> None:
    """With cotangents above 0 no sum cancels: each product, sum and root rounds by a few units."""
    config, shape = data.draw(sliding(axes, (1,), whole=axes == 3))
    shape = [n if axis < 2 else n + 2 for axis, n in enumerate(shape)]  # there is no padding
    config = {key: config[key] for key in ("kernel_size", "stride", "ceil_mode")}
    rng = np.random.default_rng(seed)
    x = rng.integers(1, 9, shape) * (rng.choice([-1.0, 1.0], shape) if p % 2 == 0 else 1.0)
    y, cache = getattr(gradcheck.reference, f"lp_pool{axes}d").forward(x, norm_type=p, **config)
    dy = rng.integers(1, 9, y.shape).astype(np.float64)
    dx = getattr(gradcheck.reference, f"lp_pool{axes}d").backward(dy, cache)
    leaf = torch.tensor(x, requires_grad=True)
    if axes == 1:  # which takes numbers
        config = {key: value[0] if key != "ceil_mode" else value for key, value in config.items()}
    expected = getattr(F, f"lp_pool{axes}d")(leaf, p, **config)
    (gradient,) = torch.autograd.grad(expected, leaf, torch.tensor(dy))
    few = 2 * (2 * 3**axes + 20) * np.finfo(np.float64).eps
    assert np.all(np.abs(y - expected.detach().numpy()) <= few * np.abs(y)), config
    assert np.all(np.abs(dx - gradient.numpy()) <= few * np.abs(dx)), config


@every_axes
def test_norms_at_their_corner_and_of_what_has_none(axes: int) -> None:
    layer = getattr(gradcheck.reference, f"lp_pool{axes}d")
    for fill, p, value, slope in (
        (0.0, 2, 0.0, 0.0),
        (-1.0, 3, np.nan, np.nan),
        (0.0, 1, 0.0, 1.0),
    ):
        x = np.full((1, 1, *(2,) * axes), fill)
        y, cache = layer.forward(x, norm_type=p, kernel_size=2)
        assert np.array_equal(y.ravel(), [value], equal_nan=True)
        dx = layer.backward(np.ones_like(y), cache)
        assert np.array_equal(dx, np.full_like(x, slope), equal_nan=True)
    for power in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="norm_type"):
            layer.forward(x, norm_type=power, kernel_size=2)


@every_axes
@thorough
@given(st.data(), seeds)
def test_max_unpool(axes: int, data: st.DataObject, seed: int) -> None:
    """Maxima go back to where the pool found them; of two at one place one has the gradient."""
    config, shape = data.draw(sliding(axes, (1,)))
    pooling = {key: config[key] for key in ("kernel_size", "stride", "padding")}
    assume(all(n + 2 * p >= k for n, p, k in zip(
        shape[2:], pooling["padding"], pooling["kernel_size"], strict=True)))  # fmt: skip
    rng = np.random.default_rng(seed)
    x = rng.permutation(prod(shape)).reshape(shape) + 1.0
    y, cache = getattr(gradcheck.reference, f"max_pool{axes}d").forward(x, **pooling)
    settled = {**pooling, "indices": cache.indices, "output_size": tuple(shape[2:])}
    unpool = getattr(gradcheck.reference, f"max_unpool{axes}d")
    back, kept = unpool.forward(y, **settled)
    settled["indices"] = torch.tensor(cache.indices)
    expected = getattr(F, f"max_unpool{axes}d")(torch.tensor(y), **settled)
    assert np.array_equal(back, expected.numpy()), config
    dy = rng.integers(1, 9, shape).astype(np.float64)
    assert np.array_equal((unpool.backward(dy, kept) * y).sum(), (dy * back).sum()), config


@every_axes
def test_unpooling_refuses_what_is_no_place(axes: int) -> None:
    unpool = getattr(gradcheck.reference, f"max_unpool{axes}d")
    x = np.ones((1, 1, *(2,) * axes))
    for indices in (
        np.full(x.shape, 4**axes),
        np.full(x.shape, -1),
        np.zeros(x.shape),
        np.zeros(5, int),
    ):
        with pytest.raises(ValueError, match="indices"):
            unpool.forward(x, indices=indices, kernel_size=2)
    with pytest.raises(ValueError, match="output_size"):
        unpool.forward(x, indices=np.zeros(x.shape, int), kernel_size=2, output_size=6)


@pytest.mark.parametrize("name", ["max_pool", "avg_pool"])
@every_axes
def test_half_precision_is_kept(name: str, axes: int) -> None:
    module = getattr(gradcheck.reference, f"{name}{axes}d")
    x = np.arange(2 * 4**axes, dtype=np.float16).reshape(1, 2, *(4,) * axes)
    y, cache = module.forward(x, kernel_size=2)
    assert y.dtype == np.float16
    assert module.backward(y, cache).dtype == np.float16


@every_axes
def test_a_last_window_that_hangs_over(axes: int) -> None:
    """Of 0 .. 4 in windows of 2 the last holds 4 alone: its mean divides by 1."""
    x = np.broadcast_to(np.arange(5.0), (1, 1, *(5,) * axes)).copy()
    for name, last in (("max_pool", [1, 3, 4]), ("avg_pool", [0.5, 2.5, 4])):
        y, _ = getattr(gradcheck.reference, f"{name}{axes}d").forward(
            x, kernel_size=2, ceil_mode=True
        )
        assert y.shape == (1, 1, *(3,) * axes)
        assert np.array_equal(y.reshape(-1, 3)[0], last)
