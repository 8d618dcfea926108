"""Convolutions, transposed ones, unfold, fold and pad against torch, along 1, 2 and 3 axes.

Integers held in floats, few enough that no sum rounds, so equality is demanded; cotangents are
drawn. Configs are built backwards from the output, so that nothing is filtered. Real data: every
sum of n products is within ``gamma_n`` of the truth, times the sum of the magnitudes (Higham,
Accuracy and Stability, section 3.1), which the same map makes of the magnitudes of its inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product
from math import prod
from typing import Any

import gradcheck.reference
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from gradcheck.reference import (
    _correlation,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose2d,
    fold,
    pad,
    unfold,
)
from gradcheck.reference._types import Array
from hypothesis import given, settings
from hypothesis import strategies as st

Results = list[Array | None]
DTYPES = [np.float32, np.float64]
MODES = ["reflect", "replicate", "circular"]
Dtype = type[np.floating[Any]]
Config = dict[str, Any]
Drawn = tuple[Config, list[tuple[int, ...]]]

thorough = settings(max_examples=150, deadline=None, database=None, derandomize=True)
every_axes = pytest.mark.parametrize("axes", [1, 2, 3])
seeds = st.integers(0, 2**32 - 1)


def ours(name: str, inputs: Results, dy: Array | None, **config: Any) -> tuple[Results, Array]:
    module = getattr(gradcheck.reference, name)
    y, cache = module.forward(*inputs, **config)
    dy = integers(np.random.default_rng(0), y.dtype, *y.shape) if dy is None else dy
    gradients = module.backward(dy, cache)
    return [y, *(gradients if isinstance(gradients, tuple) else (gradients,))], dy


def torchs(f: Callable[..., torch.Tensor], inputs: Results, dy: Array, **config: Any) -> Results:
    leaves = [None if a is None else torch.tensor(a, requires_grad=True) for a in inputs]
    y = f(*leaves, **config)
    y.backward(torch.tensor(dy))  # type: ignore[no-untyped-call]
    grads = [a if a is None else a.grad for a in leaves]
    return [y.detach().numpy(), *(g if g is None else g.numpy() for g in grads)]


def assert_same(
    name: str, inputs: Results, f: Callable[..., torch.Tensor] | None = None, **config: Any
) -> None:
    """Demand equality with torch's function of that name, or with ``f``."""
    actual, dy = ours(name, inputs, None, **config)
    settled = {} if f else config
    expected = torchs(f or getattr(F, name), inputs, dy, **settled)
    for one, other in zip(expected, actual, strict=True):
        assert (one is None) == (other is None), config
        if one is not None and other is not None:
            assert (one.shape, one.dtype) == (other.shape, other.dtype), config
            assert np.array_equal(one, other), (config, one, other)


def integers(rng: np.random.Generator, dtype: Any, *shape: int) -> Array:
    return rng.integers(-8, 9, shape).astype(dtype)


def filled(shapes: list[tuple[int, ...]], dtype: Dtype, seed: int) -> Results:
    rng = np.random.default_rng(seed)
    return [integers(rng, dtype, *shape) for shape in shapes]


def tuples(draw: st.DrawFn, axes: int, values: st.SearchStrategy[int]) -> tuple[int, ...]:
    return tuple(draw(values) for _ in range(axes))


small = st.integers(1, 3)


def reaches(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> list[int]:
    return [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]


@st.composite
def convolutions(draw: st.DrawFn, axes: int) -> Drawn:
    kernel, stride, dilation, out, left = (tuples(draw, axes, small) for _ in range(5))
    padding = tuples(draw, axes, st.integers(0, 3))
    each = zip(out, stride, reaches(kernel, dilation), left, padding, strict=True)
    size = [max((o - 1) * s + r + min(rest, s) - 1 - 2 * p, 1) for o, s, r, rest, p in each]
    groups, per_group, outputs = draw(small), draw(small), draw(small)
    config = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    x = (draw(small), groups * per_group, *size)
    bias = [(groups * outputs,)] * draw(st.integers(0, 1))
    return config, [x, (groups * outputs, per_group, *kernel), *bias]


@every_axes
@thorough
@given(st.data(), st.sampled_from(DTYPES), seeds)
def test_convolution(axes: int, data: st.DataObject, dtype: Dtype, seed: int) -> None:
    config, shapes = data.draw(convolutions(axes))
    inputs = filled(shapes, dtype, seed)
    assert_same(f"conv{axes}d", [*inputs, None][:3], **config)


@every_axes
@pytest.mark.parametrize("added", [0, _correlation.ADDED])
@settings(thorough, max_examples=50)
@given(st.data(), st.sampled_from([1, 40, 300]), seeds)
def test_convolution_in_blocks(
    axes: int, added: int, data: st.DataObject, entries: int, seed: int
) -> None:
    """Cut samples and rows, where `ENTRIES` cuts only images too large for a test."""
    config, shapes = data.draw(convolutions(axes))
    inputs = filled(shapes, np.float64, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_correlation, "ENTRIES", entries)
        patch.setattr(_correlation, "ADDED", added)  # 0: columns are added up, never turned
        assert_same(f"conv{axes}d", [*inputs, None][:3], **config)


def test_an_image_larger_than_a_block() -> None:
    shapes = [(2, 6, 130, 120), (4, 6, 5, 5), (4,)]
    assert prod(shapes[0]) * 25 > 8 * _correlation.ENTRIES
    assert_same("conv2d", filled(shapes, np.float64, 0), padding=2)
    assert_same("conv2d", filled(shapes, np.float64, 0), padding=1, stride=2)


# Torch says that it pads even kernels with a copy.
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@every_axes
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_padding_by_name(axes: int, padding: str) -> None:
    for kernel, dilation in product([1, 2, 3, 4], [1, 2, 3]):
        inputs = filled([(2, 2, *(11, 10, 12)[:axes]), (3, 2, *(kernel,) * axes)], np.float64, 0)
        config: Config = {"padding": padding, "dilation": dilation}
        assert_same(f"conv{axes}d", [*inputs, None], **config)


@every_axes
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", [1, 2, "same"])
def test_padding_mode(axes: int, mode: str, padding: Any) -> None:
    kind = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)[axes - 1]
    for kernel, stride in product([2, 3], [1, 2] if padding != "same" else [1]):
        shapes = [(2, 4, *(6, 5, 4)[:axes]), (6, 2, *(kernel,) * axes), (6,)]
        config = {"stride": stride, "padding": padding, "groups": 2, "padding_mode": mode}

        def torch_layer(
            x: Any, weight: Any, bias: Any, kernel: int = kernel, config: Config = config
        ) -> Any:
            layer = kind(4, 6, kernel, **config).double()
            return torch.func.functional_call(layer, {"weight": weight, "bias": bias}, x)

        assert_same(f"conv{axes}d", filled(shapes, np.float64, 0), torch_layer, **config)


@every_axes
@pytest.mark.parametrize("mode", ["zeros", *MODES])
def test_padding_of_each_side(axes: int, mode: str) -> None:
    sides = ((2, 0), (1, 3), (0, 1))[:axes]
    reverse = [places for pair in reversed(sides) for places in pair]
    convolve, borders = getattr(F, f"conv{axes}d"), "constant" if mode == "zeros" else mode

    def padded(x: Any, weight: Any, bias: Any, **config: Any) -> Any:
        return convolve(F.pad(x, reverse, borders), weight, bias, **config)

    for kernel, stride in product([1, 2, 3], [1, 2]):
        shapes = [(2, 4, *(6, 5, 4)[:axes]), (6, 2, *(kernel,) * axes), (6,)]
        config: Config = {"stride": stride, "groups": 2}
        reference = partial(padded, **config)
        config |= {"padding": sides, "padding_mode": mode}
        assert_same(f"conv{axes}d", filled(shapes, np.float64, 0), reference, **config)


@st.composite
def transposed(draw: st.DrawFn, axes: int) -> Drawn:
    kernel, stride, dilation, windows = (tuples(draw, axes, small) for _ in range(4))
    most = [max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]
    output_padding = tuple(draw(st.integers(0, n)) for n in most)
    each = zip(windows, stride, reaches(kernel, dilation), output_padding, strict=True)
    room = [(w - 1) * s + r + extra - 1 for w, s, r, extra in each]
    padding = tuple(draw(st.integers(0, min(n // 2, 3))) for n in room)
    groups, per_group, inputs = draw(small), draw(small), draw(small)
    config = {
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "groups": groups,
        "dilation": dilation,
    }
    bias = [(groups * per_group,)] * draw(st.integers(0, 1))
    x = (draw(small), groups * inputs, *windows)
    return config, [x, (groups * inputs, per_group, *kernel), *bias]


@every_axes
@thorough
@given(st.data(), st.sampled_from(DTYPES), seeds)
def test_transposed_convolution(axes: int, data: st.DataObject, dtype: Dtype, seed: int) -> None:
    config, shapes = data.draw(transposed(axes))
    inputs = filled(shapes, dtype, seed)
    assert_same(f"conv_transpose{axes}d", [*inputs, None][:3], **config)


def test_transposed_convolution_is_the_adjoint() -> None:
    rng = np.random.default_rng(0)
    x, weight = integers(rng, np.float64, 2, 4, 7, 6), integers(rng, np.float64, 6, 2, 3, 2)
    config: Config = {"stride": (2, 1), "padding": 1, "dilation": (1, 2), "groups": 2}
    y, cache = conv2d.forward(x, weight, **config)
    dy = integers(rng, np.float64, *y.shape)

    back, _ = conv_transpose2d.forward(dy, weight, **config)
    assert np.array_equal(conv2d.backward(dy, cache)[0][..., : back.shape[2], :], back)


@pytest.mark.parametrize("name", ["unfold", "fold"])
@thorough
@given(convolutions(2), st.sampled_from(DTYPES), seeds)
def test_unfold_and_fold(name: str, drawn: Drawn, dtype: Dtype, seed: int) -> None:
    config, (x_shape, weight_shape, *_) = drawn
    keys = ("stride", "padding", "dilation")
    windows = {key: config[key] for key in keys} | {"kernel_size": weight_shape[2:]}
    if name == "unfold":
        assert_same(name, filled([x_shape], dtype, seed), **windows)
    else:
        columns = unfold.forward(np.zeros(x_shape), **windows)[0].shape
        windows["output_size"] = x_shape[2:]
        assert_same(name, filled([columns], dtype, seed), **windows)


@every_axes
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mode", ["constant", *MODES])
def test_pad(axes: int, mode: str, dtype: Dtype) -> None:
    (x,) = filled([(2, 3, *(4, 3, 5)[:axes])], dtype, 0)
    for places in product([0, 1, 2], repeat=2):
        sides = (*places, *places[::-1], places[0], 1)[: 2 * axes]
        assert_same("pad", [x], pad=sides, mode=mode)
    assert_same("pad", [x], pad=(2, 1) * axes, value=-3.5)
    # Some of the axes, the last ones.
    if mode == "constant":
        assert_same("pad", [x], pad=(2, 1))


@every_axes
@pytest.mark.parametrize("dtype", DTYPES)
def test_real_data(axes: int, dtype: Dtype) -> None:
    for name in (f"conv{axes}d", f"conv_transpose{axes}d"):
        rng = np.random.default_rng(axes)
        shapes = [(3, 4, *(7, 6, 5)[:axes]), (4, 2, *(3,) * axes), (4,)]
        inputs: Results = [rng.normal(size=shape).astype(dtype) for shape in shapes]
        config = {"stride": 2, "padding": 1, "groups": 2}
        shape = ours(name, inputs, None, **config)[0][0].shape  # type: ignore[union-attr]
        dy = rng.normal(size=shape).astype(dtype)
        wide = [a.astype(np.float64) for a in inputs if a is not None]
        expected = torchs(getattr(F, name), [*wide], dy.astype(np.float64), **config)
        magnitudes = torchs(
            getattr(F, name), [np.abs(a) for a in wide], np.abs(dy.astype(np.float64)), **config
        )
        terms = max(len(dy) * dy[0, 0].size, 4 * prod(shapes[1][1:]), len(dy) * 7**axes) + 1
        units = [float(np.finfo(d).eps) / 2 for d in (dtype, np.float64)]
        gamma = sum(terms * u / (1 - terms * u) for u in units)
        for one, other, size in zip(
            expected, ours(name, inputs, dy, **config)[0], magnitudes, strict=True
        ):
            assert one is not None
            assert other is not None
            assert size is not None
            assert other.dtype == dtype
            assert (np.abs(one - other) <= gamma * size).all()


def of(*shape: int) -> Array:
    return np.zeros(shape)


REFUSED: list[tuple[Callable[[], Any], list[str]]] = [
    (
        lambda: conv1d.forward(of(2, 3, 4, 5), of(4, 3, 3)),
        ["conv1d: x has shape (2, 3, 4, 5), 4 axes", "(N, C, L)"],
    ),
    (lambda: conv3d.forward(of(1, 3, 4, 4, 4), of(4, 3, 3, 3)), ["conv3d: weight has shape"]),
    (
        lambda: conv1d.forward(of(1, 3, 4), of(4, 3, 3), padding="same", stride=2),
        ["conv1d: padding='same' keeps the size, and stride (2,) does not", "take stride 1"],
    ),
    (
        lambda: conv2d.forward(of(1, 3, 4, 4), of(4, 3, 3, 3), padding="full"),
        ["conv2d: padding='full' is no padding"],
    ),
    (
        lambda: conv2d.forward(of(1, 3, 4, 4), of(4, 3, 3, 3), padding=((1, 2), 1)),  # type: ignore[arg-type]
        ["padding=((1, 2), 1) is not a pair for each of (rows, columns)", "before and after"],
    ),
    (
        lambda: conv2d.forward(of(1, 3, 4, 4), of(4, 3, 3, 3), padding=((1, -2), (0, 0))),
        ["padding=(1, -2) is below 0", "take padding of 0 or more"],
    ),
    (
        lambda: unfold.forward(of(1, 3, 4, 4), kernel_size=2, padding="same"),  # type: ignore[arg-type]
        ["unfold: padding='same' is a str", "give an int"],
    ),
    (
        lambda: conv2d.forward(of(1, 3, 4, 4), of(4, 3, 3, 3), padding_mode="mirror"),
        ["conv2d: 'mirror' is no way to pad", "take 'zeros'"],
    ),
    (
        lambda: conv2d.forward(of(1, 3, 4, 4), of(4, 3, 3, 3), padding=4, padding_mode="reflect"),
        ["conv2d: reflect padding of 4 reads past the far edge", "pad by at most 3"],
    ),
    (
        lambda: conv_transpose2d.forward(of(1, 3, 4, 4), of(4, 3, 3, 3)),
        ["conv_transpose2d: weight takes 4 input channels, x has 3", "weight.shape[0] equal"],
    ),
    (
        lambda: conv_transpose2d.forward(of(1, 3, 4, 4), of(3, 3, 3, 3), groups=2),
        ["weight takes 3 input channels, groups=2", "a positive multiple of groups"],
    ),
    (
        lambda: conv_transpose2d.forward(of(1, 3, 4, 4), of(3, 0, 3, 3)),
        ["weight has no kernel for any output", "make weight.shape[1] 1 or more"],
    ),
    (
        lambda: conv_transpose2d.forward(of(1, 3, 4, 4), of(3, 3, 3, 3), output_padding=1),
        ["output_padding of 1 is not below the stride 1", "take at most 0"],
    ),
    (
        lambda: conv_transpose2d.forward(of(1, 3, 1, 1), of(3, 3, 3, 3), padding=2),
        ["leave an output of size -1", "take less padding"],
    ),
    (
        lambda: conv_transpose2d.forward(of(1, 3, 0, 4), of(3, 3, 3, 3)),
        ["x has an axis of length 0", "give the others at least 1"],
    ),
    (
        lambda: fold.forward(of(1, 7, 4), output_size=3, kernel_size=2),
        ["fold: x has 7 rows, and every channel has 4", "a positive multiple of 4"],
    ),
    (
        lambda: fold.forward(of(1, 8, 5), output_size=3, kernel_size=2),
        ["fold: x has 5 columns, and 4 windows fit", "make x.shape[2] equal to 4"],
    ),
    (lambda: pad.forward(of(2, 3), pad=(1, 1)), ["pad: x has shape (2, 3)", "reshape x"]),
    (
        lambda: pad.forward(of(2, 3, 4), pad=(1,)),
        ["pad: pad=(1,) is not two numbers", "the places before and after each"],
    ),
    (
        lambda: pad.forward(of(2, 3, 4), pad=(5, 0), mode="circular"),
        ["pad: circular padding of 5", "pad by at most 4"],
    ),
]


@pytest.mark.parametrize(("wrong", "said"), REFUSED, ids=[said[0] for _, said in REFUSED])
def test_message_gives_the_value_the_reason_and_the_fix(
    wrong: Callable[[], Any], said: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"^\w+: .+") as raised:
        wrong()

    assert [part for part in said if part not in str(raised.value)] == []
    assert str(raised.value).count(": ") >= 2  # layer: value and reason: fix
