"""The zoo: functions with known derivatives, at points that make differences hard.

A row gives f, f', and how a point and the length of its tangent are drawn. Every function acts on
the last axes of its argument and keeps the first, the draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = Any
erf = np.vectorize(math.erf, otypes=[float])

ROUNDED_ALIKE = "a sum that cancels inside may round every sample alike, and less at the point"
MAGNIFIED = "the argument is rounded, then magnified"
BETWEEN = "kinks closer together than the finest step"
UNSEEN = "narrower than the distance of any two samples"


@dataclass(frozen=True)
class Row:
    """A function of the zoo.

    ``length`` is how far a point may move before something happens; ``smooth`` says that the row is
    smooth and of unit scale, where the bar is held to a width; ``limits`` gives, by dtype, a reason
    why samples cannot always cover the truth, for a row that shows a limit of the method.
    """

    name: str
    f: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    point: Callable[[np.random.Generator, int], Array]
    length: float | Callable[[Array], Array] = 1.0
    smooth: bool = False
    limits: Mapping[str, str] = field(default_factory=dict)

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """Return points and tangents: half to all of the length, either way."""
        x = self.point(rng, n)
        length = self.length(x) if callable(self.length) else self.length
        return x, rng.choice([-1, 1], x.shape) * rng.uniform(0.5, 1, x.shape) * length

    def along(self, x: Array, tangent: Array) -> Array:
        """Return the true derivative along a tangent."""
        products = self.derivative(x) * tangent
        return products.sum(-1) if products.ndim > 1 else products


def normal(scale: float = 1.0) -> Callable[[np.random.Generator, int], Array]:
    return lambda rng, n: scale * rng.standard_normal(n)


def uniform(low: float, high: float) -> Callable[[np.random.Generator, int], Array]:
    return lambda rng, n: rng.uniform(low, high, n)


def at(distance: float) -> Callable[[np.random.Generator, int], Array]:
    """Draw points at a distance from 0, up to twice of it, on either side."""
    return lambda rng, n: distance * rng.uniform(1, 2, n) * rng.choice([-1, 1], n)


def sigmoid(x: Array) -> Array:
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + z), z / (1 + z))


def sigmoid_slope(x: Array) -> Array:
    z = np.exp(-np.abs(x))
    return z / (1 + z) ** 2


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def step(x: Array) -> Array:
    return (x > 0).astype(float)


def gelu(x: Array) -> Array:
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def gelu_slope(x: Array) -> Array:
    return 0.5 * (1 + erf(x / np.sqrt(2))) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


ROWS: tuple[Row, ...] = (
    Row("sin", np.sin, np.cos, normal(), smooth=True),
    Row("exp", np.exp, np.exp, normal(), smooth=True),
    Row("tanh", np.tanh, lambda x: 1 / np.cosh(x) ** 2, normal(), smooth=True),
    Row("softplus", lambda x: np.logaddexp(0, x), sigmoid, normal(), smooth=True),
    Row("gelu", gelu, gelu_slope, normal(), smooth=True),
    Row("sigmoid", sigmoid, sigmoid_slope, normal(), smooth=True),
    Row("degree 9", lambda x: x**9 - 3 * x**5, lambda x: 9 * x**8 - 15 * x**4, normal()),
    Row(
        "sin over 1e3 units",
        lambda x: np.sin(1e3 * x),
        lambda x: 1e3 * np.cos(1e3 * x),
        normal(),
        1e-3,
        limits={"float32": MAGNIFIED},
    ),
    Row("1e6 + sin", lambda x: 1e6 + np.sin(x), np.cos, normal()),
    Row("1e-8 x^3", lambda x: 1e-8 * x**3, lambda x: 3e-8 * x**2, normal()),
    Row(
        "|x|^1.5",
        lambda x: np.abs(x) ** 1.5,
        lambda x: 1.5 * np.sqrt(np.abs(x)) * np.sign(x),
        at(1e-3),
    ),
    Row(
        "|x|^1.5 at 1e-8",
        lambda x: np.abs(x) ** 1.5,
        lambda x: 1.5 * np.sqrt(np.abs(x)) * np.sign(x),
        at(1e-8),
    ),
    *(
        Row(f"relu at {d:g}", relu, lambda x: (x > 0).astype(float), at(d))
        for d in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
    ),
    Row("abs anywhere", np.abs, np.sign, uniform(-0.5, 0.5)),
    Row(
        "elu at its kink",
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
        uniform(-0.5, 0.5),
    ),
    Row("relu^2", lambda x: relu(x) ** 2, lambda x: 2 * relu(x), uniform(-0.5, 0.5)),
    Row(
        "two kinks",
        lambda x: np.abs(np.abs(x) - 0.01),
        lambda x: np.sign(x) * np.sign(np.abs(x) - 0.01),
        uniform(-0.5, 0.5),
        limits={"float32": BETWEEN},
    ),
    Row(
        "many kinks",
        lambda x: np.abs(np.mod(x, 0.25) - 0.125),
        lambda x: np.sign(np.mod(x, 0.25) - 0.125),
        uniform(-2, 2),
    ),
    Row(
        "sigmoid(20 x)",
        lambda x: sigmoid(20 * x),
        lambda x: 20 * sigmoid_slope(20 * x),
        normal(0.2),
    ),
    Row(
        "sigmoid(1e3 x)",
        lambda x: sigmoid(1e3 * x),
        lambda x: 1e3 * sigmoid_slope(1e3 * x),
        normal(0.2),
        limits={"float32": MAGNIFIED},
    ),
    Row(
        "sigmoid(1e4 x)",
        lambda x: sigmoid(1e4 * x),
        lambda x: 1e4 * sigmoid_slope(1e4 * x),
        normal(0.2),
        limits={"float32": MAGNIFIED},
    ),
    Row(
        "(x + 1e8) - 1e8, squared",
        lambda x: ((x + 1e8) - 1e8) ** 2,
        lambda x: 2 * x,
        normal(),
        limits={"float64": ROUNDED_ALIKE, "float32": ROUNDED_ALIKE},
    ),
    Row(
        "cos of a cancelled sum",
        lambda x: np.cos((x + 1e6) - 1e6),
        lambda x: -np.sin(x),
        normal(),
        limits={"float64": ROUNDED_ALIKE, "float32": ROUNDED_ALIKE},
    ),
    Row("sqrt near 0", np.sqrt, lambda x: 0.5 / np.sqrt(x), uniform(1e-6, 1e-2), lambda x: x),
    Row("1/x", lambda x: 1 / x, lambda x: -1 / x**2, at(0.5), lambda x: np.abs(x)),
    Row("a jump", step, lambda x: 0.0 * x, uniform(-0.5, 0.5)),
    Row(
        "product of 100",
        lambda x: np.prod(x, -1),
        lambda x: np.prod(x, -1, keepdims=True) / x,
        lambda rng, n: rng.uniform(0.8, 1.2, (n, 100)),
        0.1,
    ),
    Row(
        "softmax of 8",
        lambda x: softmax(x)[..., 0],
        lambda x: softmax(x)[..., :1] * (np.eye(8)[0] - softmax(x)),
        lambda rng, n: rng.standard_normal((n, 8)),
        smooth=True,
    ),
    Row(
        "log-sum-exp of 8",
        lambda x: np.log(np.sum(np.exp(x), -1)),
        lambda x: softmax(x),
        lambda rng, n: rng.standard_normal((n, 8)),
        smooth=True,
    ),
    Row(
        "a spike between samples",
        lambda x: np.exp(-((x / 1e-12) ** 2)),
        lambda x: 0.0 * x,
        uniform(-0.5, 0.5),
        limits={"float64": UNSEEN, "float32": UNSEEN},
    ),
)


def softmax(x: Array) -> Array:
    z = np.exp(x - np.max(x, -1, keepdims=True))
    return z / np.sum(z, -1, keepdims=True)
