"""Every layer against torch's autograd: output and all gradients, over every argument.

Cotangents are drawn, never ones. Three kinds of comparison, none with a tuned tolerance:

- integers held in floats, few enough that no sum rounds: equal to torch in the same dtype;
- real data for maps that are sums of products: each side is within ``gamma_n = n u / (1 - n u)``
  of the truth, times the sum of the magnitudes of the terms (Higham, Accuracy and Stability,
  section 3.1). That sum is what the same map makes of the magnitudes of its inputs;
- the smooth activations: within the bound that `test_accuracy` derives, plus torch's own error.

The second and third hold float32, too, against torch in float64 on the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from gradcheck.reference import (
    Layer,
    avg_pool2d,
    conv2d,
    elu,
    global_avg_pool2d,
    global_max_pool2d,
    leaky_relu,
    linear,
    max_pool2d,
    prelu,
    relu,
    selu,
    sigmoid,
    tanh,
)
from gradcheck.reference._types import Array
from hypothesis import given, settings
from hypothesis import strategies as st

Results = list[Array | None]
DTYPES = [np.float32, np.float64]
Dtype = type[np.floating[Any]]

TORCH: dict[str, Callable[..., torch.Tensor]] = {
    "conv2d": F.conv2d,
    "linear": F.linear,
    "max_pool2d": F.max_pool2d,
    "avg_pool2d": F.avg_pool2d,
    "global_max_pool2d": lambda x: F.adaptive_max_pool2d(x, 1),
    "global_avg_pool2d": lambda x: F.adaptive_avg_pool2d(x, 1),
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "prelu": F.prelu,
    "elu": F.elu,
    "selu": F.selu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


def ours(layer: Layer, inputs: Sequence[Array | None], dy: Array, **config: Any) -> Results:
    """Return the output and the gradients."""
    y, cache = layer.forward(*inputs, **config)
    gradients = layer.backward(dy, cache)
    return [y, *(gradients if isinstance(gradients, tuple) else (gradients,))]


def torchs(layer: Layer, inputs: Sequence[Array | None], dy: Array, **config: Any) -> Results:
    """Return torch's output and gradients."""
    leaves = [None if a is None else torch.tensor(a, requires_grad=True) for a in inputs]
    y = TORCH[layer.spec](*leaves, **config)
    y.backward(torch.tensor(dy))  # type: ignore[no-untyped-call]
    return [y.detach().numpy(), *(a if a is None else gradient(a) for a in leaves)]


def gradient(leaf: torch.Tensor) -> Array:
    assert leaf.grad is not None
    array: Array = leaf.grad.numpy()
    return array


def assert_equal(expected: Results, actual: Results, about: Any = "") -> None:
    assert len(expected) == len(actual), about
    for one, other in zip(expected, actual, strict=True):
        assert (one is None) == (other is None), about
        if one is not None and other is not None:
            assert (one.shape, one.dtype) == (other.shape, other.dtype), about
            assert np.array_equal(one, other, equal_nan=True), (about, one, other)


def assert_within(expected: Results, actual: Results, bounds: Results, dtype: Dtype) -> None:
    for one, other, bound in zip(expected, actual, bounds, strict=True):
        assert (one is None) == (other is None) == (bound is None)
        if one is not None and other is not None and bound is not None:
            assert (one.shape, np.dtype(dtype)) == (other.shape, other.dtype)
            # The smallest normal number stands for the absolute error of an underflow.
            assert (np.abs(one - other) <= bound + np.finfo(dtype).tiny).all(), (one, other)


def roundoff(dtype: Dtype) -> float:
    return float(np.finfo(dtype).eps) / 2


def gamma(terms: int, dtype: Dtype) -> float:
    """Bound of both sides: ours in ``dtype``, torch's in float64."""
    return sum(terms * u / (1 - terms * u) for u in (roundoff(dtype), roundoff(np.float64)))


def widened(arrays: Sequence[Array | None]) -> Results:
    return [None if a is None else a.astype(np.float64) for a in arrays]


def assert_sum_of_products(
    layer: Layer, inputs: Sequence[Array | None], dy: Array, terms: int, **config: Any
) -> None:
    """Compare real data, under the bound of a sum of ``terms`` products."""
    *wide, wide_dy = widened([*inputs, dy])
    assert wide_dy is not None
    magnitudes = torchs(
        layer, [a if a is None else np.abs(a) for a in wide], np.abs(wide_dy), **config
    )
    dtype = dy.dtype.type
    bounds: Results = [m if m is None else gamma(terms, dtype) * m for m in magnitudes]
    expected = torchs(layer, wide, wide_dy, **config)
    assert_within(expected, ours(layer, inputs, dy, **config), bounds, dtype)


def integers(rng: np.random.Generator, dtype: Dtype, *shape: int) -> Array:
    return rng.integers(-8, 9, shape).astype(dtype)


def normal(rng: np.random.Generator, dtype: Dtype, *shape: int) -> Array:
    return rng.normal(size=shape).astype(dtype)


# Convolution


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[int, ...], tuple[int, ...], bool]:
    """Draw a config and shapes, built backwards from the output so that nothing is filtered."""
    small = st.integers(1, 3)
    pairs = {
        name: (draw(values), draw(values))
        for name, values in {
            "stride": small,
            "padding": st.integers(0, 4),
            "dilation": small,
            "kernel": st.integers(1, 4),
            "out": small,
            "left": st.integers(0, 2),  # rows that no window reads
        }.items()
    }
    groups, per_group, outputs = draw(small), draw(small), draw(small)
    size = tuple(
        max((out - 1) * s + d * (k - 1) + 1 + min(left, s - 1) - 2 * p, 1)
        for out, s, d, k, left, p in zip(
            *(pairs[n] for n in ("out", "stride", "dilation", "kernel", "left", "padding")),
            strict=True,
        )
    )
    config = {name: pairs[name] for name in ("stride", "padding", "dilation")}
    x_shape = (draw(small), groups * per_group, *size)
    weight_shape = (groups * outputs, per_group, *pairs["kernel"])
    return {**config, "groups": groups}, x_shape, weight_shape, draw(st.booleans())


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(convolutions(), st.sampled_from(DTYPES), st.integers(0, 2**32 - 1))
def test_conv2d(
    drawn: tuple[dict[str, Any], tuple[int, ...], tuple[int, ...], bool], dtype: Dtype, seed: int
) -> None:
    config, x_shape, weight_shape, has_bias = drawn
    rng = np.random.default_rng(seed)

    def draw_with(fill: Callable[..., Array]) -> tuple[list[Array | None], Array]:
        bias = fill(rng, dtype, weight_shape[0]) if has_bias else None
        inputs = [fill(rng, dtype, *x_shape), fill(rng, dtype, *weight_shape), bias]
        y, _ = conv2d.forward(*inputs, **config)  # type: ignore[arg-type]
        return inputs, fill(rng, dtype, *y.shape)

    inputs, dy = draw_with(integers)
    layer = conv2d.layer()
    assert_equal(torchs(layer, inputs, dy, **config), ours(layer, inputs, dy, **config), config)
    inputs, dy = draw_with(normal)
    n, outputs = dy.shape[:2]
    longest = max(int(np.prod(weight_shape[1:])), outputs * 16, n * dy[0, 0].size) + 1
    assert_sum_of_products(layer, inputs, dy, longest, **config)


@pytest.mark.parametrize("dtype", DTYPES)
def test_conv2d_takes_ints_for_pairs(dtype: Dtype) -> None:
    rng = np.random.default_rng(0)
    inputs = [integers(rng, dtype, *shape) for shape in [(2, 4, 11, 12), (6, 2, 3, 2), (6,)]]
    config = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    dy = integers(rng, dtype, 2, 6, 5, 6)

    assert_equal(
        torchs(conv2d.layer(), inputs, dy, **config), ours(conv2d.layer(), inputs, dy, **config)
    )


def test_conv2d_depthwise_with_a_multiplier() -> None:
    rng = np.random.default_rng(0)
    shapes = [(2, 5, 6, 7), (10, 1, 3, 3), (10,)]
    inputs = [integers(rng, np.float64, *shape) for shape in shapes]
    dy = integers(rng, np.float64, 2, 10, 4, 5)

    expected = torchs(conv2d.layer(), inputs, dy, groups=5)
    assert_equal(expected, ours(conv2d.layer(), inputs, dy, groups=5))


# Linear


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 3, 4), (2, 7, 1), (300, 2, 3), (3, 0, 2)])
def test_linear(shape: tuple[int, int, int], has_bias: bool, dtype: Dtype) -> None:
    n, features, outputs = shape
    rng = np.random.default_rng(0)
    for fill in (integers, normal):
        bias = fill(rng, dtype, outputs) if has_bias else None
        inputs = [fill(rng, dtype, n, features), fill(rng, dtype, outputs, features), bias]
        dy = fill(rng, dtype, n, outputs)
        if fill is integers:
            expected = torchs(linear.layer(), inputs, dy)
            assert_equal(expected, ours(linear.layer(), inputs, dy))
        assert_sum_of_products(linear.layer(), inputs, dy, max(shape) + 1)


# Pooling, exhaustively


def axes(dilations: Sequence[int]) -> list[tuple[int, ...]]:
    """All (size, kernel, stride, padding, dilation), with one padding too many for each kernel."""
    return [
        (size, kernel, stride, padding, dilation)
        for size, kernel, stride, dilation in product(
            range(1, 8), range(1, 5), range(1, 5), dilations
        )
        for padding in range(kernel // 2 + 2)
    ]


def check_pool(
    layer: Layer, rows: tuple[int, ...], columns: tuple[int, ...], flags: dict[str, bool]
) -> bool:
    """Compare one config on integers; say whether it is valid."""
    size, *settings_ = zip(rows, columns, strict=True)
    names = ("kernel_size", "stride", "padding", "dilation")
    config: dict[str, Any] = {**dict(zip(names, settings_, strict=True)), **flags}
    if layer.spec == "avg_pool2d":
        del config["dilation"]
    rng = np.random.default_rng([*rows, *columns])
    x = rng.integers(-4, 0, (2, 2, *size)).astype(np.float32)  # negative, with ties
    try:
        y = TORCH[layer.spec](torch.tensor(x), **config)
    except RuntimeError:
        with pytest.raises(ValueError, match=layer.spec):
            layer.forward(x, **config)
        return False
    # A multiple of every divisor up to 16, so that even the spread gradient is an integer.
    dy = (rng.integers(-3, 4, y.shape) * (720720 if layer.spec == "avg_pool2d" else 1)).astype(
        np.float64
    )
    if torch.isneginf(y).any():
        check_lost_windows(layer, x.astype(np.float64), dy, y.numpy(), config)
    else:
        wide = x.astype(np.float64)
        expected = torchs(layer, [wide], dy, **config)
        assert_equal(expected, ours(layer, [wide], dy, **config), (size, config))
    return True


def check_lost_windows(layer: Layer, x: Array, dy: Array, y: Array, config: Any) -> None:
    """Check windows that step over the whole image, as dilation allows.

    Torch gives minus infinity for them, and its backward writes outside the gradient: it is not
    called. Their cotangent belongs to no pixel; what the others have must still arrive.
    """
    actual, dx = ours(layer, [x], dy, **config)
    assert actual is not None
    assert dx is not None
    assert np.array_equal(y, actual)
    assert np.where(np.isneginf(y), 0, dy).sum() == dx.sum()


def check_pool_exhaustively(layer: Layer, dilations: Sequence[int], flags: dict[str, bool]) -> None:
    """Set one axis to everything, the other to the same or to something else that is valid."""
    valid = [
        check_pool(layer, rows, columns, flags)
        for one in axes(dilations)
        for rows, columns in [(one, one), (one, (7, 3, 2, 1, 1)), ((5, 2, 3, 0, 1), one)]
    ]
    # All that fit were compared (most), and what torch refuses was refused.
    assert len(valid) / 2 < sum(valid) < len(valid)


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_max_pool2d_exhaustively(ceil_mode: bool) -> None:
    check_pool_exhaustively(max_pool2d.layer(), [1, 2], {"ceil_mode": ceil_mode})


@pytest.mark.parametrize("count_include_pad", [False, True])
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_avg_pool2d_exhaustively(ceil_mode: bool, count_include_pad: bool) -> None:
    flags = {"ceil_mode": ceil_mode, "count_include_pad": count_include_pad}
    check_pool_exhaustively(avg_pool2d.layer(), [1], flags)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_max_pool2d_on_real_data(ceil_mode: bool, dtype: Dtype) -> None:
    rng = np.random.default_rng(0)
    x = normal(rng, dtype, 2, 3, 9, 11)
    config = {"kernel_size": (3, 2), "stride": (2, 3), "padding": 1, "ceil_mode": ceil_mode}
    y, _ = max_pool2d.forward(x, **config)  # type: ignore[arg-type]
    dy = integers(rng, dtype, *y.shape)  # gradients of overlapping windows are added

    assert_equal(
        torchs(max_pool2d.layer(), [x], dy, **config), ours(max_pool2d.layer(), [x], dy, **config)
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("override", [None, 1, 7, -3])
@pytest.mark.parametrize("count_include_pad", [False, True])
def test_avg_pool2d_on_real_data(
    count_include_pad: bool, override: int | None, dtype: Dtype
) -> None:
    rng = np.random.default_rng(0)
    x, dy = normal(rng, dtype, 2, 3, 9, 11), normal(rng, dtype, 2, 3, 5, 4)
    config = {
        "kernel_size": (3, 2),
        "stride": (2, 3),
        "padding": 1,
        "ceil_mode": True,
        "count_include_pad": count_include_pad,
        "divisor_override": override,
    }
    wide = x.astype(np.float64), dy.astype(np.float64)
    bounds: Results = [
        None if m is None else gamma(3 * 2 + 1, dtype) * np.abs(m)
        for m in torchs(avg_pool2d.layer(), [np.abs(wide[0])], np.abs(wide[1]), **config)
    ]

    assert_within(
        torchs(avg_pool2d.layer(), [wide[0]], wide[1], **config),
        ours(avg_pool2d.layer(), [x], dy, **config),
        bounds,
        dtype,
    )


@pytest.mark.parametrize("layer", [max_pool2d.layer(), avg_pool2d.layer()], ids=lambda x: x.spec)
def test_stride_of_a_pool_is_its_kernel_by_default(layer: Layer) -> None:
    rng = np.random.default_rng(0)
    x, dy = integers(rng, np.float64, 2, 3, 7, 8), integers(rng, np.float64, 2, 3, 3, 4)

    expected = torchs(layer, [x], dy, kernel_size=2)
    assert_equal(expected, ours(layer, [x], dy, kernel_size=2))
    assert_equal(expected, ours(layer, [x], dy, kernel_size=(2, 2), stride=None))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 1), (3, 7), (8, 8)])
@pytest.mark.parametrize(
    "layer", [global_avg_pool2d.layer(), global_max_pool2d.layer()], ids=lambda x: x.spec
)
def test_global_pools(layer: Layer, size: tuple[int, int], dtype: Dtype) -> None:
    rng = np.random.default_rng(0)
    if layer.spec == "global_max_pool2d":
        for fill in (integers, normal):
            x, dy = fill(rng, dtype, 2, 3, *size), normal(rng, dtype, 2, 3, 1, 1)
            assert_equal(torchs(layer, [x], dy), ours(layer, [x], dy))
    else:
        x, dy = normal(rng, dtype, 2, 3, *size), normal(rng, dtype, 2, 3, 1, 1)
        assert_sum_of_products(layer, [x], dy, size[0] * size[1] + 1)


# Activations


def activations() -> list[Any]:
    return [
        pytest.param(layer, config, id=f"{layer.spec}{[*config.values()] or ''}")
        for layer, configs in (
            (relu.layer(), [{}]),
            (leaky_relu.layer(), [{}, *({"negative_slope": a} for a in (0.25, 0.0, -0.5, 2.0))]),
            (elu.layer(), [{}, *({"alpha": a} for a in (0.5, 0.0, -1.5, 2.0))]),
            (selu.layer(), [{}]),
            (sigmoid.layer(), [{}]),
            (tanh.layer(), [{}]),
        )
        for config in configs
    ]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("layer", "config"), activations())
@pytest.mark.parametrize("scale", [1e-6, 1.0, 30.0, 800.0])
def test_activations(layer: Layer, config: dict[str, float], scale: float, dtype: Dtype) -> None:
    rng = np.random.default_rng(0)
    x, dy = (scale * normal(rng, dtype, 3, 4, 50)).astype(dtype), normal(rng, dtype, 3, 4, 50)
    x[0, 0, :4] = 0.0, -0.0, -800.0, 800.0
    wide_x, wide_dy = x.astype(np.float64), dy.astype(np.float64)
    # Ours is within 40 u of itself (`test_accuracy`). Torch, in float64, is so, too, but for the
    # gradients it takes from the output: y (1 - y) and 1 - y^2 are off by 40 u of 1.
    y, dx = expected = torchs(layer, [wide_x], wide_dy, **config)
    assert y is not None
    assert dx is not None
    u, wide_u = roundoff(dtype), roundoff(np.float64)
    bounds: Results = [
        40 * (u + wide_u) * np.abs(y),
        40 * u * np.abs(dx) + 40 * wide_u * np.maximum(np.abs(dx), np.abs(wide_dy)),
    ]

    assert_within(expected, ours(layer, [x], dy, **config), bounds, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("layer", "config"),
    [
        pytest.param(relu.layer(), {}, id="relu"),
        pytest.param(leaky_relu.layer(), {"negative_slope": 0.25}, id="leaky_relu"),
        pytest.param(leaky_relu.layer(), {"negative_slope": -2.0}, id="leaky_relu, bent back"),
    ],
)
def test_piecewise_linear_activations_exactly(
    layer: Layer, config: dict[str, float], dtype: Dtype
) -> None:
    rng = np.random.default_rng(0)
    x, dy = integers(rng, dtype, 4, 5, 6), integers(rng, dtype, 4, 5, 6)

    assert_equal(torchs(layer, [x], dy, **config), ours(layer, [x], dy, **config))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "slopes"),
    [
        *[((2, 3), 3), ((2, 3), 1), ((7,), 1), ((2, 3, 4), 3), ((2, 3, 4, 5), 3)],
        *[((2, 3, 4, 5), 1), ((2, 1, 4), 1), ((0, 3, 4), 3), ((), 1), ((2, 0, 4), 1)],
    ],
)
def test_prelu(shape: tuple[int, ...], slopes: int, dtype: Dtype) -> None:
    rng = np.random.default_rng(0)
    inputs = [integers(rng, dtype, *shape), integers(rng, dtype, slopes) / 8]
    dy = integers(rng, dtype, *shape)

    assert_equal(torchs(prelu.layer(), inputs, dy), ours(prelu.layer(), inputs, dy))
    inputs, dy = (
        [normal(rng, dtype, *shape), normal(rng, dtype, slopes)],
        normal(rng, dtype, *shape),
    )
    assert_prelu_within(inputs, dy)


def assert_prelu_within(inputs: list[Array], dy: Array) -> None:
    """Compare real data: dw sums at most x.size products of x and dy."""
    dtype = dy.dtype.type
    x, weight, wide_dy = (a.astype(np.float64) for a in (*inputs, dy))
    below = -np.abs(x)  # every entry on the side where a product is summed
    magnitudes = torchs(prelu.layer(), [below, weight], np.abs(wide_dy))
    expected = torchs(prelu.layer(), [x, weight], wide_dy)
    sums = magnitudes[2]
    assert sums is not None
    bounds: Results = [np.abs(a) * gamma(1, dtype) for a in expected[:2] if a is not None]
    bounds.append(gamma(x.size + 1, dtype) * np.abs(sums))
    assert_within(expected, ours(prelu.layer(), inputs, dy), bounds, dtype)


# NaN and infinity

ODD = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 3.0, -2.0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("layer", "config"), activations())
def test_activations_pass_nan_and_infinity_as_torch_does(
    layer: Layer, config: dict[str, float], dtype: Dtype
) -> None:
    x, dy = ODD.astype(dtype), np.arange(1, 8).astype(dtype)
    with np.errstate(invalid="ignore"):  # infinity times a slope of 0 is NaN
        actual = ours(layer, [x], dy, **config)

    for one, other in zip(torchs(layer, [x], dy, **config), actual, strict=True):
        assert one is not None
        assert other is not None
        odd = ~np.isfinite(one)
        assert np.array_equal(odd, ~np.isfinite(other))
        assert np.array_equal(one[odd], other[odd], equal_nan=True)
        assert np.array_equal(np.sign(one[~odd]), np.sign(other[~odd]))


def test_prelu_passes_nan_and_infinity_as_torch_does() -> None:
    weight, dy = np.array([0.25]), np.arange(1.0, 8.0)

    for value in ODD:
        x = np.array([1.0, -2.0, value, 3.0, -4.0, 0.0, -0.0])
        assert_equal(torchs(prelu.layer(), [x, weight], dy), ours(prelu.layer(), [x, weight], dy))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("padding", [0, 1])
def test_max_pools_choose_among_nan_and_infinity_as_torch_does(padding: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.choice(ODD, (2, 2, 6, 7), p=[0.1, 0.1, 0.4, 0.1, 0.1, 0.1, 0.1])
    config = {"kernel_size": (2, 3), "stride": (1, 2), "padding": padding}
    y, _ = max_pool2d.forward(x, **config)  # type: ignore[arg-type]
    dy = integers(rng, np.float64, *y.shape)

    layer, whole = max_pool2d.layer(), global_max_pool2d.layer()
    assert_equal(torchs(layer, [x], dy, **config), ours(layer, [x], dy, **config))
    assert_equal(torchs(whole, [x], dy[:, :, :1, :1]), ours(whole, [x], dy[:, :, :1, :1]))


@pytest.mark.parametrize(
    ("layer", "config"),
    [
        (relu.layer(), {}),
        (max_pool2d.layer(), {"kernel_size": 3, "stride": 2, "padding": 1}),
        (global_max_pool2d.layer(), {}),
    ],
)
def test_an_infinite_cotangent_stays_where_it_belongs(layer: Layer, config: Any) -> None:
    rng = np.random.default_rng(0)
    x = normal(rng, np.float64, 2, 3, 6, 7)
    y, _ = layer.forward(x, **config)
    dy = rng.choice([np.inf, 1.0, 2.0], y.shape)

    assert_equal(torchs(layer, [x], dy, **config), ours(layer, [x], dy, **config))
