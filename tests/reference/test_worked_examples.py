"""The lines of WORKED_EXAMPLES.md that `gradcheck.reference` answers for, with their numbers.

The data are integers held in floats, so nothing rounds and every comparison is an equality; where
a sigmoid comes in, the bound stands with its derivation.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from gradcheck.reference import avg_pool2d, conv2d, fold, linear, max_pool2d, sigmoid, unfold
from gradcheck.reference._types import Array

UNIT_ROUNDOFF = 2.0**-53


def integers(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(np.float64)


def same(expected: Array, actual: Array) -> bool:
    return expected.shape == actual.shape and bool((expected == actual).all())


def padded(x: Array, ring: int) -> Array:
    return np.pad(x, [(0, 0), (0, 0), (ring, ring), (ring, ring)])


def im2col(x: Array, kernel: int, pad: int) -> Array:
    """One sample's windows as columns, written out by hand, stride 1."""
    _, channels, height, width = x.shape
    ringed = padded(x, pad)[0]
    out_h, out_w = height + 2 * pad - kernel + 1, width + 2 * pad - kernel + 1
    columns = [
        ringed[:, a : a + kernel, b : b + kernel].reshape(channels * kernel * kernel)
        for a, b in product(range(out_h), range(out_w))
    ]
    return np.stack(columns, axis=1)


def test_a1_one_channel_by_im2col() -> None:
    image = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    kernel = integers(1, 1, 3, 3)
    pad = 3 // 2

    y, _ = conv2d.forward(image, kernel, padding=pad)
    (columns,), _ = unfold.forward(image, kernel_size=3, padding=pad)

    assert padded(image, pad).shape == (1, 1, 5, 5)
    assert (3 + 2 * 1 - 3) // 1 + 1 == y.shape[2] == y.shape[3] == 3
    assert columns.shape == (9, 9)
    assert same(im2col(image, 3, pad), columns)
    first = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 4.0, 5.0])  # the top left window
    assert same(first, columns[:, 0])
    assert same((kernel.reshape(1, 9) @ columns).reshape(1, 1, 3, 3), y)


def test_a1_col2im_adds_each_window_back_to_its_place() -> None:
    image = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    columns, _ = unfold.forward(image, kernel_size=3, padding=1)

    images, _ = fold.forward(columns, output_size=3, kernel_size=3, padding=1)

    windows_that_hold = np.array([[4.0, 6.0, 4.0], [6.0, 9.0, 6.0], [4.0, 6.0, 4.0]])
    assert same(image * windows_that_hold, images)


def test_a2_many_kernels_in_one_product() -> None:
    image, kernels = integers(1, 2, 5, 6), integers(7, 2, 3, 3, seed=1)

    y, _ = conv2d.forward(image, kernels, padding=1)

    assert same((kernels.reshape(7, 18) @ im2col(image, 3, 1)).reshape(1, 7, 5, 6), y)
    alone = [conv2d.forward(image, kernels[k : k + 1], padding=1)[0] for k in range(7)]
    assert same(np.concatenate(alone, axis=1), y)


def test_a3_backward_of_64_kernels_as_matrices() -> None:
    x, weight, bias = integers(1, 3, 5, 5), integers(64, 3, 3, 3, seed=1), integers(64, seed=2)
    delta = integers(64, 25, seed=3)

    y, cache = conv2d.forward(x, weight, bias, padding=1)
    dx, dweight, dbias = conv2d.backward(delta.reshape(1, 64, 5, 5), cache)

    big_x, big_w = im2col(x, 3, 1), weight.reshape(64, 27)
    assert big_x.shape == (27, 25)
    assert same((big_w @ big_x + bias[:, None]).reshape(1, 64, 5, 5), y)
    assert same((delta @ big_x.T).reshape(64, 3, 3, 3), dweight)
    assert dbias is not None
    assert same(delta.sum(axis=1), dbias)
    assert same(add_up(big_w.T @ delta), dx)


def add_up(dcolumns: Array) -> Array:
    """col2im of A3 by hand: 27x25 columns to 3 channels of 5x5, without the ring."""
    ringed = np.zeros((1, 3, 7, 7))
    for column, (a, b) in zip(dcolumns.T, product(range(5), range(5)), strict=True):
        ringed[0, :, a : a + 3, b : b + 3] += column.reshape(3, 3, 3)
    return ringed[:, :, 1:-1, 1:-1]


def test_a3_fused_with_the_sigmoid() -> None:
    x, weight = integers(1, 3, 5, 5) / 8, integers(64, 3, 3, 3, seed=1) / 8
    bias, delta = integers(64, seed=2) / 8, integers(1, 64, 5, 5, seed=3)

    z, conv_cache = conv2d.forward(x, weight, bias, padding=1)
    q, sigmoid_cache = sigmoid.forward(z)
    dz = sigmoid.backward(delta, sigmoid_cache)
    dx, dweight, dbias = conv2d.backward(dz, conv_cache)

    # f carries at most 10u (exp 8u, the sum and the quotient u each), so 1 - f is off by at most
    # 11u, and f (1 - f) by f 11u + (1/4)(10u + u) < 14u. Our e / (1 + e)^2 carries 21u of itself,
    # at most 1/4: under 6u. So the two differ by 20u, delta apart; both products with it add u.
    assert (np.abs(delta * (q * (1 - q)) - dz) <= 21 * UNIT_ROUNDOFF * np.abs(delta)).all()
    flat = dz.reshape(64, 25)
    big_x, big_w = im2col(x, 3, 1), weight.reshape(64, 27)
    # Dot products of n terms, twice: 2 n u / (1 - n u) times the product of the magnitudes.
    assert within_dot(64 + 9, add_up(big_w.T @ flat), dx, add_up(np.abs(big_w.T) @ np.abs(flat)))
    magnitude = np.abs(flat) @ np.abs(big_x.T)
    assert within_dot(25, flat @ big_x.T, dweight.reshape(64, 27), magnitude)
    assert dbias is not None
    assert within_dot(25, flat.sum(axis=1), dbias, np.abs(flat).sum(axis=1))


def within_dot(terms: int, expected: Array, actual: Array, magnitude: Array) -> bool:
    gamma = terms * UNIT_ROUNDOFF / (1 - terms * UNIT_ROUNDOFF)
    return bool((np.abs(expected - actual) <= 2 * gamma * magnitude).all())


def test_b3_many_channels_without_padding() -> None:
    z, w, b = integers(3, 6, 7), integers(2, 3, 3, 4, seed=1), integers(4, seed=2)
    k1, k2, c_in, c_out = w.shape  # the text's layout
    out_h, out_w = 6 - k1 + 1, 7 - k2 + 1
    delta = integers(c_out, out_h, out_w, seed=3)

    y, cache = conv2d.forward(z[None], w.transpose(3, 2, 0, 1), b)
    dz, dw, db = conv2d.backward(delta[None], cache)

    forward = np.zeros((c_out, out_h, out_w)) + b[:, None, None]
    d_w, d_z = np.zeros(w.shape), np.zeros(z.shape)
    for d, i, j, c, m, n in product(*map(range, (c_out, out_h, out_w, c_in, k1, k2))):
        forward[d, i, j] += w[m, n, c, d] * z[c, i + m, j + n]
        d_w[m, n, c, d] += delta[d, i, j] * z[c, i + m, j + n]
    rotated = w[::-1, ::-1]
    ringed = np.pad(delta, [(0, 0), (k1 - 1, k1 - 1), (k2 - 1, k2 - 1)])
    for c, i, j, d in product(*map(range, (c_in, 6, 7, c_out))):
        d_z[c, i, j] += (ringed[d, i : i + k1, j : j + k2] * rotated[:, :, c, d]).sum()
    assert same(forward, y[0])
    assert same(d_w, dw.transpose(2, 3, 1, 0))
    assert db is not None
    assert same(delta.sum(axis=(1, 2)), db)
    assert same(d_z, dz[0])


MAXIMA = np.array([[9.0, 1, 2, 3], [4, 5, 6, 8], [0, 7, 1, 2], [3, 4, 9, 5]])[None, None]
UPSTREAM = np.array([[10.0, 20.0], [30.0, 40.0]])[None, None]
PLACED = np.array([[10.0, 0, 0, 0], [0, 0, 0, 20], [0, 30, 0, 0], [0, 0, 40, 0]])[None, None]


def test_c3_max_pooling_backward_is_an_upsample_to_the_recorded_places() -> None:
    y, cache = max_pool2d.forward(MAXIMA, kernel_size=2)

    assert same(np.array([[9.0, 8.0], [7.0, 9.0]])[None, None], y)
    assert same(PLACED, max_pool2d.backward(UPSTREAM, cache))


def test_c3_average_pooling_backward_spreads_evenly() -> None:
    _, cache = avg_pool2d.forward(MAXIMA, kernel_size=2)

    expected = np.array([[2.5, 2.5, 5, 5]] * 2 + [[7.5, 7.5, 10, 10]] * 2)[None, None]
    assert same(expected, avg_pool2d.backward(UPSTREAM, cache))


def test_c4_gradient_of_the_input_is_a_correlation_with_the_flipped_kernel() -> None:
    x, kernel, error = integers(1, 1, 5, 6), integers(1, 1, 2, 3, seed=1), integers(1, 1, 4, 4)

    _, cache = conv2d.forward(x, kernel)
    dx, _, _ = conv2d.backward(error, cache)

    flipped = np.flipud(np.fliplr(kernel[0, 0]))[None, None]
    by_correlation, _ = conv2d.forward(error, flipped, padding=(2 - 1, 3 - 1))
    assert same(by_correlation, dx)


def test_c5_gradients_of_kernel_and_bias() -> None:
    x, kernel, error = integers(1, 1, 5, 6), integers(1, 1, 2, 3, seed=1), integers(1, 1, 4, 4)

    _, cache = conv2d.forward(x, kernel, np.zeros(1))
    _, dkernel, dbias = conv2d.backward(error, cache)

    by_correlation, _ = conv2d.forward(x, error)
    assert same(by_correlation, dkernel)
    assert dbias is not None
    assert same(np.array([error.sum()]), dbias)


D1_IMAGE = np.array(
    [
        [18, 54, 51, 239, 244, 188],
        [55, 121, 75, 78, 95, 88],
        [35, 24, 204, 113, 109, 221],
        [3, 154, 104, 235, 25, 130],
        [15, 253, 225, 159, 78, 233],
        [68, 85, 180, 214, 245, 0],
    ],
    dtype=np.float64,
)[None, None]
D1_KERNEL = np.array([[1.0, 0, 1], [0, 1, 0], [1, 0, 1]])[None, None]
D1_OUTPUT = np.array(
    [[429, 505, 686, 856], [261, 792, 412, 640], [633, 653, 851, 751], [608, 913, 713, 657]],
    dtype=np.float64,
)[None, None]


def test_d1_6x6_under_a_3x3_kernel() -> None:
    y, _ = conv2d.forward(D1_IMAGE, D1_KERNEL)

    assert 18 + 51 + 121 + 35 + 204 == y[0, 0, 0, 0] == 429
    assert y[0, 0, 0, 1] == 505
    assert same(D1_OUTPUT, y)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_d2_valid_and_same(kernel: int) -> None:
    x, weight = integers(1, 1, 6, 6), integers(1, 1, kernel, kernel, seed=1)

    valid, _ = conv2d.forward(x, weight)
    assert (6 - kernel + 1,) * 2 == valid.shape[2:]

    if kernel % 2:
        kept, _ = conv2d.forward(x, weight, padding=(kernel - 1) // 2)
    else:  # an even kernel needs one row and column more on one side than on the other
        wide, _ = conv2d.forward(x, weight, padding=kernel // 2)
        assert wide.shape[2:] == (7, 7)
        before, after = kernel // 2 - 1, kernel // 2
        ringed = np.pad(x, [(0, 0), (0, 0), (before, after), (before, after)])
        kept, _ = conv2d.forward(ringed, weight)
        assert same(wide[:, :, 1:, 1:], kept)
    assert x.shape == kept.shape


def test_d3_stride_2() -> None:
    y, _ = conv2d.forward(integers(1, 1, 5, 5), integers(1, 1, 3, 3), stride=2)

    assert y.shape == (1, 1, 2, 2)


@pytest.mark.parametrize(("n", "f", "p", "s"), list(product([5, 6, 8], [2, 3], [0, 1], [1, 2, 3])))
def test_d3_output_size_rounds_down_on_each_axis(n: int, f: int, p: int, s: int) -> None:
    y, _ = conv2d.forward(
        integers(1, 1, n, n + 1), integers(1, 1, f, f + 1), padding=(p, 0), stride=(s, 2)
    )

    assert ((n + 2 * p - f) // s + 1, (n - f) // 2 + 1) == y.shape[2:]


def test_d4_many_channels() -> None:
    x, kernels = integers(1, 3, 6, 6), integers(5, 3, 3, 3, seed=1)

    one, _ = conv2d.forward(x, kernels[:1])
    assert one.shape == (1, 1, 4, 4)
    by_channel = [conv2d.forward(x[:, [c]], kernels[:1, [c]])[0] for c in range(3)]
    assert same(np.sum(by_channel, axis=0), one)

    stacked, _ = conv2d.forward(x, kernels)
    assert stacked.shape == (1, 5, 4, 4)
    assert same(one, stacked[:, :1])


def test_e2_7x7_with_filter_3() -> None:
    x, weight = integers(1, 1, 7, 7), integers(1, 1, 3, 3, seed=1) * 2 + 1  # no zero entry

    outputs = [conv2d.forward(x, weight, stride=s) for s in (1, 2, 3)]
    assert [y.shape[2:] for y, _ in outputs] == [(5, 5), (3, 3), (2, 2)]
    read = [
        np.ones(7) @ (np.abs(conv2d.backward(np.ones(y.shape), cache)[0][0, 0]) > 0)
        for y, cache in outputs[2:]
    ]
    assert same(np.array([6.0, 6, 6, 6, 6, 6, 0]), read[0])  # stride 3 leaves the last unused


@pytest.mark.parametrize("rings", [1, 2])
def test_e2_padding_adds_rings_of_zeros(rings: int) -> None:
    x, weight = integers(1, 1, 7, 7), integers(1, 1, 3, 3, seed=1)

    y, _ = conv2d.forward(x, weight, padding=rings)

    assert same(conv2d.forward(padded(x, rings), weight)[0], y)
    assert (7 + 2 * rings - 2,) * 2 == y.shape[2:]


def test_e3_dw_is_a_sum_of_patches_weighted_by_the_upstream_gradient() -> None:
    x, weight, dout = integers(1, 2, 7, 7), integers(3, 2, 3, 3, seed=1), integers(1, 3, 4, 4)

    y, cache = conv2d.forward(x, weight, stride=2, padding=1)
    _, dw, _ = conv2d.backward(dout, cache)

    ringed = padded(x, 1)
    assert ringed.shape[2:] == (9, 9)
    assert y.shape[2:] == (4, 4)
    patches = {
        (a, b): ringed[0, 0, 2 * a : 2 * a + 3, 2 * b : 2 * b + 3]
        for a, b in product(range(4), range(4))
    }
    assert same(ringed[0, 0, 0:3, 2:5], patches[0, 1])
    assert same(ringed[0, 0, 6:9, 6:9], patches[3, 3])
    total = np.sum([patch * dout[0, 0, a, b] for (a, b), patch in patches.items()], axis=0)
    assert same(total, dw[0, 0])


def test_e4_max_pooling_sends_the_gradient_to_the_maximum_alone() -> None:
    x = np.random.default_rng(0).permutation(72).reshape(2, 1, 6, 6).astype(np.float64)
    dout = integers(2, 1, 3, 3)

    y, cache = max_pool2d.forward(x, kernel_size=2, stride=2)
    dx = max_pool2d.backward(dout, cache)

    spread = np.ones((1, 1, 2, 2))
    is_maximum = x == np.kron(y, spread)
    assert is_maximum.sum() == y.size
    assert same(np.where(is_maximum, np.kron(dout, spread), 0), dx)


def test_e4_mean_pooling_spreads_evenly() -> None:
    x, dout = integers(2, 1, 6, 6), integers(2, 1, 3, 3)

    y, cache = avg_pool2d.forward(x, kernel_size=2, stride=2)

    assert same(x.reshape(2, 1, 3, 2, 3, 2).sum(axis=(3, 5)) / 4, y)
    assert same(np.kron(dout, np.full((1, 1, 2, 2), 0.25)), avg_pool2d.backward(dout, cache))


def test_e1_convolutions_stack() -> None:
    x = integers(2, 3, 32, 32)

    six, first = conv2d.forward(x, integers(6, 3, 5, 5, seed=1), integers(6, seed=2))
    ten, second = conv2d.forward(six, integers(10, 6, 5, 5, seed=3), integers(10, seed=4))
    dsix, _, _ = conv2d.backward(np.ones(ten.shape), second)
    dx, _, _ = conv2d.backward(dsix, first)

    assert (2, 6, 28, 28) == six.shape == dsix.shape
    assert ten.shape == (2, 10, 24, 24)
    assert x.shape == dx.shape


def test_b1_fully_connected_layer() -> None:
    x, weight, bias = integers(4, 3), integers(2, 3, seed=1), integers(2, seed=2)
    dy = integers(4, 2, seed=3)

    y, cache = linear.forward(x, weight, bias)
    dx, dweight, dbias = linear.backward(dy, cache)

    rows = range(4)
    assert same(np.array([[weight[o] @ x[n] + bias[o] for o in range(2)] for n in rows]), y)
    assert same(np.array([dy[n] @ weight for n in rows]), dx)
    assert same(np.sum([np.outer(dy[n], x[n]) for n in rows], axis=0), dweight)
    assert dbias is not None
    assert same(np.sum([dy[n] for n in rows], axis=0), dbias)
