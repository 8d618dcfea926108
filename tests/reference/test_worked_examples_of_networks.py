"""The lines of WORKED_EXAMPLES.md on networks: what text B builds, and where text C begins.

The data are integers held in floats, so nothing rounds and every comparison is an equality, but
for the softmax, whose bound stands with its derivation. B9, B10 and B13 are scripts, and stand in
`tests/examples`.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from gradcheck.reference import (
    avg_pool2d,
    conv2d,
    elu,
    global_avg_pool2d,
    global_max_pool2d,
    leaky_relu,
    linear,
    log_softmax,
    max_pool2d,
    optim,
    prelu,
    relu,
    selu,
)
from gradcheck.reference._types import Array

import gradcheck
from gradcheck import adapt

UNIT_ROUNDOFF = 2.0**-53


def integers(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(np.float64)


def same(expected: Any, actual: Array) -> bool:
    wanted = np.asarray(expected)
    return wanted.shape == actual.shape and bool((wanted == actual).all())


def widened(delta: Array, stride: int) -> Array:
    """Insert zeros between the entries."""
    *outer, height, width = delta.shape
    wide = np.zeros((*outer, stride * (height - 1) + 1, stride * (width - 1) + 1))
    wide[..., ::stride, ::stride] = delta
    return wide


def test_b1_cross_entropy_on_softmax() -> None:
    """The gradient for the scores is the share of each class, minus 1 for the right one."""
    scores, right = integers(4, 3) / 4, np.array([0, 2, 1, 1])
    rows = np.arange(4)

    logs, cache = log_softmax.forward(scores, dim=1)
    upstream = np.zeros((4, 3))
    upstream[rows, right] = -0.25
    gradient = log_softmax.backward(upstream, cache)

    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    expected = shares.copy()
    expected[rows, right] -= 1
    # Shares are at most 1. Each side: exp 8 u, its argument's subtraction at most 9 u / 2 more
    # of it, a sum of three, a quotient and a product: within 32 u, each, of a quarter.
    assert (np.abs(expected / 4 - gradient) <= 2 * 32 * UNIT_ROUNDOFF / 4).all()
    # The logarithm of a share adds u of a sum of scores below 8 to its 16 u.
    assert (np.abs(np.log(shares) - logs) <= 64 * UNIT_ROUNDOFF).all()


def test_b1_mean_squared_error_through_a_fully_connected_layer() -> None:
    x, weight, target = integers(4, 3), integers(2, 3, seed=1), integers(4, 2, seed=2)

    y, cache = linear.forward(x, weight)
    apart = y - target
    _, dweight, _ = linear.backward(2 * apart / apart.size, cache)

    pairs = product(range(4), range(2))
    expected = np.zeros(weight.shape)
    for n, o in pairs:
        expected[o] += 2 * (weight[o] @ x[n] - target[n, o]) * x[n] / 8
    assert same(expected, dweight)


def test_b2_convolution_backward_one_channel() -> None:
    z, kernel, delta = integers(5, 6), integers(2, 3, seed=1), integers(4, 4, seed=2)

    _, cache = conv2d.forward(z[None, None], kernel[None, None], np.zeros(1))
    dz, dkernel, db = conv2d.backward(delta[None, None], cache)

    by_hand, d_z = np.zeros((2, 3)), np.zeros((5, 6))
    for i, j, m, n in product(range(4), range(4), range(2), range(3)):
        by_hand[m, n] += delta[i, j] * z[i + m, j + n]
        d_z[i + m, j + n] += delta[i, j] * kernel[m, n]
    assert same(by_hand, dkernel[0, 0])
    assert same(d_z, dz[0, 0])
    assert db is not None
    assert same([delta.sum()], db)


@pytest.mark.parametrize("stride", [2, 3])
def test_b4_stride_inserts_zeros_between_the_entries_of_delta(stride: int) -> None:
    size = 3 + 2 * stride
    x, weight = integers(2, 3, size, size), integers(4, 3, 3, 3, seed=1)
    delta = integers(2, 4, 3, 3, seed=2)

    _, cache = conv2d.forward(x, weight, stride=stride)
    dx, dweight, _ = conv2d.backward(delta, cache)

    _, dense = conv2d.forward(x, weight)
    expected = conv2d.backward(widened(delta, stride), dense)
    assert same(expected[0], dx)
    assert same(expected[1], dweight)


@pytest.mark.parametrize(("stride", "padding"), [(2, 1), (3, 2)])
def test_b5_padding_is_removed_from_dz(stride: int, padding: int) -> None:
    size = 3 + 2 * stride - 2 * padding
    x, weight = integers(2, 3, size, size), integers(4, 3, 3, 3, seed=1)
    delta = integers(2, 4, 3, 3, seed=2)

    _, cache = conv2d.forward(x, weight, stride=stride, padding=padding)
    dx, dweight, _ = conv2d.backward(delta, cache)

    ring = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
    _, ringed = conv2d.forward(np.pad(x, ring), weight, stride=stride)
    wide, expected, _ = conv2d.backward(delta, ringed)
    assert same(wide[:, :, padding:-padding, padding:-padding], dx)
    assert same(expected, dweight)


def test_b6_four_pools() -> None:
    x = np.array([[[[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 8.0, 6.0]]]])
    delta, one = np.array([[[[4.0, 8.0]]]]), np.array([[[[8.0]]]])

    y, cache = max_pool2d.forward(x, kernel_size=2)
    assert same([[[[5.0, 8.0]]]], y)
    assert same([[[[0.0, 4.0, 0.0, 0.0], [0.0, 0.0, 8.0, 0.0]]]], max_pool2d.backward(delta, cache))
    y, mean = avg_pool2d.forward(x, kernel_size=2)
    assert same([[[[13.0 / 4, 4.0]]]], y)
    assert same([[[[1.0, 1.0, 2.0, 2.0]] * 2]], avg_pool2d.backward(delta, mean))
    y, whole = global_avg_pool2d.forward(x)
    assert same([[[[29.0 / 8]]]], y)
    assert same(np.ones((1, 1, 2, 4)), global_avg_pool2d.backward(one, whole))
    y, top = global_max_pool2d.forward(x)
    assert same([[[[8.0]]]], y)
    assert same(8.0 * (x == 8), global_max_pool2d.backward(one, top))


def test_b7_five_activations() -> None:
    """At 2 and at -1, where an exponential is off by 8 u at most, and a product by one more."""
    x, dy, e = np.array([[2.0, -1.0]]), np.array([[3.0, 5.0]]), float(np.exp(-1.0))
    alpha, scale = 1.6732632423543772, 1.0507009873554805

    def of(module: Any, *others: Array, **config: Any) -> tuple[Array, Any]:
        y, cache = module.forward(x, *others, **config)
        return y, module.backward(dy, cache)

    y, dx = of(relu)
    assert same([[2.0, 0.0]], y)
    assert same([[3.0, 0.0]], dx)
    y, dx = of(leaky_relu, negative_slope=0.25)
    assert same([[2.0, -0.25]], y)
    assert same([[3.0, 1.25]], dx)
    y, (dx, slope) = of(prelu, np.array([0.25]))
    assert same([[2.0, -0.25]], y)
    assert same([[3.0, 1.25]], dx)
    assert same([-5.0], slope)
    y, dx = of(elu)
    assert abs(y[0, 1] - (e - 1)) <= 16 * UNIT_ROUNDOFF
    assert abs(dx[0, 1] - 5 * e) <= 16 * UNIT_ROUNDOFF * 5 * e
    y, dx = of(selu)
    assert abs(y[0, 1] - scale * alpha * (e - 1)) <= 16 * UNIT_ROUNDOFF * scale * alpha
    assert abs(dx[0, 0] - 3 * scale) <= 8 * UNIT_ROUNDOFF * 3 * scale


@pytest.mark.parametrize(
    ("optimiser", "after"),
    [
        (optim.SGD(lr=0.25), 1 - 0.25 * 2),
        (optim.Adagrad(lr=0.25, eps=0), 1 - 0.25 * 2 / 2),
        # s = (1 - 0.75) 2^2 = 1
        (optim.RMSprop(lr=0.25, alpha=0.75, eps=0), 1 - 0.25 * 2 / 1),
        # sqrt(0 + 9/16) / sqrt(1 + 9/16)
        (optim.Adadelta(lr=0.25, rho=0.75, eps=0.5625), 1 - 0.25 * (0.75 / 1.25 * 2)),
        # m = 1 over 1 - 0.5; s = 1 over 1 - 0.75
        (optim.Adam(lr=0.25, betas=(0.5, 0.75), eps=0), 1 - 0.25 * 2 / 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_b8_first_step_of_an_optimiser(optimiser: optim.Optimiser[Any], after: float) -> None:
    """From 1, with the gradient 2."""
    parameters = {"p": np.array([1.0])}
    moved, _ = optimiser.step(parameters, {"p": np.array([2.0])}, optimiser.start(parameters))
    assert same([after], moved["p"])


@pytest.mark.parametrize("kind", ["conv2d", "max_pool2d"])
def test_b11_b12_convolution_and_pool_are_layers(kind: str) -> None:
    gradcheck.check_layer(kind, examples=12).raise_for_verdict()


def text_b_forward(x: Array, weight: Array, bias: Array | None, **config: Any) -> Any:
    """Convolve with the system's conventions: kernels (C_in, C_out, k1, k2), exact strides."""
    sizes = zip(x.shape[2:], weight.shape[2:], config["stride"], config["padding"], strict=True)
    assert all((n + 2 * p - k) % s == 0 for n, k, s, p in sizes), "the stride does not divide"
    return conv2d.forward(x, weight.transpose(1, 0, 2, 3).copy(), bias, **config)


def text_b_backward(dy: Array, cache: Any) -> Any:
    dx, dweight, dbias = conv2d.backward(dy, cache)
    batch = len(dx)
    return dx, dweight.transpose(1, 0, 2, 3) / batch, None if dbias is None else dbias / batch


def divides(facts: Any) -> bool:
    kernel = facts["weight_shape"][2:]
    sizes = zip(facts["x_shape"][2:], kernel, facts["stride"], facts["padding"], strict=True)
    return all((n + 2 * p - k) % s == 0 for n, k, s, p in sizes)


def test_b_conventions_are_told_to_an_adapter() -> None:
    """Kernels (C_in, C_out, k1, k2), gradients divided by the batch, strides that divide."""
    system = adapt.functional(text_b_forward, text_b_backward, inputs=("x", "weight", "bias"))
    told = adapt.conventions(system, weight_layout="IOHW", reduction="mean")
    fixed = {"groups": 1, "dilation": (1, 1)}
    report = gradcheck.check_layer("conv2d", told, examples=12, fixed=fixed, where=divides)
    assert report.verdict is not gradcheck.Verdict.FAIL, str(report)
    assert not report.crashes
    untold = adapt.conventions(system, weight_layout="IOHW")
    wrong = gradcheck.check_layer("conv2d", untold, examples=12, fixed=fixed, where=divides)
    assert wrong.verdict is gradcheck.Verdict.FAIL


def test_c1_a_line_padding_and_stride() -> None:
    """f = w x + b; padding lets the border count more; stride thins the output."""
    w, x, b = integers(2, 3), integers(1, 3, seed=1), integers(2, seed=2)
    assert same((w @ x[0] + b)[None], linear.forward(x, w, b)[0])

    image, ones = integers(1, 1, 7, 7), np.ones((1, 1, 3, 3))
    plain, cache = conv2d.forward(image, ones)
    counted, _, _ = conv2d.backward(np.ones(plain.shape), cache)
    padded, cache = conv2d.forward(image, ones, padding=1)
    more, _, _ = conv2d.backward(np.ones(padded.shape), cache)
    assert (counted[0, 0, 0, 0], more[0, 0, 0, 0]) == (1, 4)  # windows that see the corner
    thinned, _ = conv2d.forward(image, ones, padding=1, stride=2)
    assert same(padded[:, :, ::2, ::2], thinned)


@pytest.mark.parametrize(("m", "n", "a", "b"), [(5, 7, 2, 3), (4, 4, 4, 1)])
def test_c2_forward_sizes(m: int, n: int, a: int, b: int) -> None:
    y, _ = conv2d.forward(integers(1, 1, m, n), integers(1, 1, a, b))
    assert (m - a + 1, n - b + 1) == y.shape[2:]
    pooled, _ = max_pool2d.forward(integers(1, 1, 6, 8), kernel_size=2)
    assert pooled.shape[2:] == (3, 4)
