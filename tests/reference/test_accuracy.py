"""Smooth activations keep their relative accuracy everywhere, in the tails above all.

The truth comes from `decimal` at 100 digits. With u the unit roundoff, and exp, expm1 and tanh of
NumPy within 8 u (4 units in the last place, what NumPy holds its own kernels to), to first order:

- sigmoid: e = exp(-|x|) 8 u; 1 + e at most 4 u + u, since e <= 1; e / (1 + e) 14 u; its square's
  second factor 6 u; product with the cotangent u: 8 + 2 (5 + 1) + 1 = 21 u.
- tanh: e 8 u; e e 17 u; 1 + e e at most 17/2 u + u; 2 e / (1 + e e) 8 + 9.5 + 1 = 18.5 u; its
  square with the cotangent 2 (18.5 + 1) = 39 u.
- elu, selu: exp or expm1 8 u, rounded constant, two products: 11 u.

40 u (1 + 40 u) bounds all of them; 41 u leaves room for the terms of second order. An underflow
adds at most one subnormal number at each of few steps.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from gradcheck.reference import Layer, elu, selu, sigmoid, tanh

ONE, TWO = Decimal(1), Decimal(2)
SCALE = Decimal("1.0507009873554804934193349852946")
ALPHA = Decimal("1.6732632423543772848170429916717")
Truth = Callable[[Decimal], Decimal]


def cosh(x: Decimal) -> Decimal:
    return (x.exp() + (-x).exp()) / TWO


def bent(scale: Decimal, alpha: Decimal) -> tuple[Truth, Truth]:
    return (
        lambda x: scale * (x if x > 0 else alpha * (x.exp() - ONE)),
        lambda x: scale * (ONE if x > 0 else alpha * x.exp()),
    )


SMOOTH: list[tuple[Layer, dict[str, float], tuple[Truth, Truth]]] = [
    (
        sigmoid.layer(),
        {},
        (lambda x: ONE / (ONE + (-x).exp()), lambda x: ONE / (TWO + x.exp() + (-x).exp())),
    ),
    (
        tanh.layer(),
        {},
        (lambda x: (x.exp() - (-x).exp()) / TWO / cosh(x), lambda x: ONE / cosh(x) ** 2),
    ),
    (elu.layer(), {}, bent(ONE, ONE)),
    (elu.layer(), {"alpha": -2.5}, bent(ONE, Decimal("-2.5"))),
    (selu.layer(), {}, bent(SCALE, ALPHA)),
]


def points(dtype: type[np.floating[Any]]) -> list[float]:
    rng = np.random.default_rng(0)
    magnitudes = [1e-30, 1e-8, 1e-3, 0.1, 0.5, 1, 2, 5, 10, 17, 20, 30, 37, 40, 60, 80, 86]
    magnitudes += [100, 300, 340, 350, 600, 700, 708, 745, 800, *(10 ** rng.uniform(-9, 2.8, 200))]
    return [float(dtype(sign * m)) for m in magnitudes for sign in (1, -1)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("layer", "config", "truth"),
    SMOOTH,
    ids=[f"{s.spec}{[*c.values()] or ''}" for s, c, _ in SMOOTH],
)
def test_output_and_gradient_are_right_to_the_last_digits(
    layer: Layer,
    config: dict[str, float],
    truth: tuple[Truth, Truth],
    dtype: type[np.floating[Any]],
) -> None:
    x = np.array(points(dtype), dtype)
    dy = np.asarray(np.random.default_rng(1).normal(size=x.shape), dtype)
    y, cache = layer.forward(x, **config)
    dx = layer.backward(dy, cache)

    info = np.finfo(dtype)
    u = Decimal(float(info.eps)) / TWO
    smallest = Decimal(float(info.smallest_subnormal))
    with localcontext() as context:
        context.prec = 100
        for at, value in enumerate(x.tolist()):
            exact, slope = (f(Decimal(value)) for f in truth)
            pulled = Decimal(float(dy[at])) * slope
            for expected, actual in ((exact, y[at]), (pulled, dx[at])):
                error = abs(expected - Decimal(float(actual)))
                assert error <= 41 * u * abs(expected) + 8 * smallest, (value, expected, actual)
