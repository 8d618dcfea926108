"""The zoo: functions with known derivatives, at points that make differences hard.

A row gives f, f', and how a point and the length of its tangent are drawn. Every function acts on
the last axes of its argument and keeps the first, the draws. Derivatives are formulas, evaluated in
the machine's widest floats at exactly the drawn numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

Array = Any
BOTH = ("float64", "float32")
Draw = Callable[[np.random.Generator, int], Array]

HIDDEN = "cancels below the last bit of every sample: to all of them a constant"
STILL = "a part stands still while the fine samples move, and the rest shows no sign of it"
NARROWER = "narrower than the finest stencil, 1e-4 of a tangent"
FASTER = "faster than a stencil whose samples float32 can tell apart"


@dataclass(frozen=True)
class Row:
    """A function of the zoo.

    ``length`` is how far a point may move before something happens; ``smooth`` says that the row is
    smooth and of unit scale, where the bar is held to a width; ``limits`` gives, by dtype, a reason
    why samples cannot cover the truth, for a row that shows a limit of the method; ``dear`` says
    that a draw costs thousands of evaluations.
    """

    name: str
    f: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    point: Draw
    length: float | Callable[[Array], Array] = 1.0
    smooth: bool = False
    limits: Mapping[str, str] = field(default_factory=dict)
    dear: bool = False

    def draw(self, rng: np.random.Generator, n: int, dtype: str) -> tuple[Array, Array]:
        """Return points on the dtype's grid and tangents: half to all of the length, either way."""
        x = self.point(rng, n).astype(dtype).astype(np.float64)
        length = self.length(x) if callable(self.length) else self.length
        return x, rng.choice([-1, 1], x.shape) * rng.uniform(0.5, 1, x.shape) * length

    def narrowed(self, dtype: str) -> Callable[[Array], Array]:
        """Return the function computing in a dtype, whatever it is given."""
        return lambda x: np.asarray(self.f(x.astype(dtype))).astype(dtype).astype(np.float64)

    def along(self, x: Array, tangent: Array) -> Array:
        """Return the true derivative along a tangent."""
        products = self.derivative(x.astype(np.longdouble)) * tangent.astype(np.longdouble)
        return products.sum(-1) if products.ndim > 1 else products


def normal(scale: float = 1.0) -> Draw:
    return lambda rng, n: scale * rng.standard_normal(n)


def uniform(low: float, high: float) -> Draw:
    return lambda rng, n: rng.uniform(low, high, n)


def at(distance: float) -> Draw:
    """Draw points at a distance from 0, up to twice of it, on either side."""
    return lambda rng, n: distance * rng.uniform(1, 2, n) * rng.choice([-1, 1], n)


def vectors(size: int) -> Draw:
    return lambda rng, n: rng.standard_normal((n, size))


def about_one(size: int) -> Draw:
    return lambda rng, n: rng.uniform(1 - 2 / size**0.5, 1 + 2 / size**0.5, (n, size))


def sigmoid(x: Array) -> Array:
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + z), z / (1 + z))


def entropy(x: Array) -> Array:
    """Return p log p + q log q of odds e^x: near p = 1 the first stands still."""
    p, q = sigmoid(x), sigmoid(-x)
    return p * np.log(p) + q * np.log(q)


def entropy_slope(x: Array) -> Array:
    return x * sigmoid(x) * sigmoid(-x)


def sigmoid_slope(x: Array) -> Array:
    z = np.exp(-np.abs(x))
    return z / (1 + z) ** 2


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def step(x: Array) -> Array:
    return (x > 0).astype(x.dtype)


def root(x: Array) -> Array:
    return np.abs(x) ** 1.5


def root_slope(x: Array) -> Array:
    return 1.5 * np.sqrt(np.abs(x)) * np.sign(x)


def gelu(x: Array) -> Array:
    return 0.5 * x * np.vectorize(math.erfc, otypes=[float])(-x / math.sqrt(2)).astype(x.dtype)


def cancelling_gelu(x: Array) -> Array:
    return 0.5 * x * (1 + np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2)).astype(x.dtype))


def gelu_slope(x: Array) -> Array:
    with mpmath.workdps(25):
        slopes = [
            mpmath.ncdf(v) + v * mpmath.npdf(v) for v in map(mpmath.mpf, x.astype(float).tolist())
        ]
        high = np.array([float(slope) for slope in slopes])
        rest = [float(slope - top) for slope, top in zip(slopes, high.tolist(), strict=True)]
    return high + np.array(rest, dtype=np.longdouble)


def spike(x: Array) -> Array:
    return np.exp(-((1e3 * x) ** 2))


def spike_slope(x: Array) -> Array:
    return -2e6 * x * np.exp(-((1e3 * x) ** 2))


def elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def elu_slope(x: Array) -> Array:
    return np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


def softmax(x: Array) -> Array:
    z = np.exp(x - np.max(x, -1, keepdims=True))
    return z / np.sum(z, -1, keepdims=True)


def product_slope(x: Array) -> Array:
    return np.prod(x, -1, keepdims=True) / x


def one(x: Array) -> Array:
    return np.ones_like(x)


def steep(factor: float, point: Draw, where: str, **limits: str) -> Row:
    return Row(
        f"sigmoid({factor:g} x), {where}",
        lambda x: sigmoid(factor * x),
        lambda x: factor * sigmoid_slope(factor * x),
        point,
        limits=limits,
    )


def wave(factor: float, **limits: str) -> Row:
    return Row(
        f"sin({factor:g} x)",
        lambda x: np.sin(factor * x),
        lambda x: factor * np.cos(factor * x),
        normal(),
        limits=limits,
    )


def hidden(far: float, **limits: str) -> tuple[Row, Row]:
    return (
        Row(f"(x + {far:g}) - {far:g}", lambda x: (x + far) - far, one, normal(), limits=limits),
        Row(
            f"({far:g} + sin x) - {far:g}",
            lambda x: (far + np.sin(x)) - far,
            np.cos,
            normal(),
            limits=limits,
        ),
    )


NEAR = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)

ROWS: tuple[Row, ...] = (
    Row("sin", np.sin, np.cos, normal(2), smooth=True),
    Row("exp", np.exp, np.exp, normal(2), smooth=True),
    Row("tanh", np.tanh, lambda x: 1 / np.cosh(x) ** 2, normal(2), smooth=True),
    Row("softplus", lambda x: np.logaddexp(0, x), sigmoid, normal(2), smooth=True),
    Row("gelu", gelu, gelu_slope, normal(2), smooth=True),
    Row("sigmoid", sigmoid, sigmoid_slope, normal(2), smooth=True),
    Row(
        "gelu from 1 + erf",
        cancelling_gelu,
        gelu_slope,
        normal(2),
        limits=dict.fromkeys(BOTH, HIDDEN),
    ),
    Row("softsign", lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2, normal(0.1)),
    Row(
        "softmax of 8",
        lambda x: softmax(x)[..., 0],
        lambda x: softmax(x)[..., :1] * (np.eye(8)[0] - softmax(x)),
        vectors(8),
        smooth=True,
    ),
    Row(
        "log-sum-exp of 8",
        lambda x: np.log(np.sum(np.exp(x), -1)),
        softmax,
        vectors(8),
        smooth=True,
    ),
    Row("sigmoid in its tails", sigmoid, sigmoid_slope, normal(30)),
    Row("degree 9", lambda x: x**9 - 3 * x**5, lambda x: 9 * x**8 - 15 * x**4, normal()),
    Row("1e6 + sin", lambda x: 1e6 + np.sin(x), np.cos, normal(2)),
    Row("1e-8 x^3", lambda x: 1e-8 * x**3, lambda x: 3e-8 * x**2, normal(2)),
    wave(1e2),
    wave(1e3),
    wave(1e4, float32=FASTER),
    *(Row(f"|x|^1.5 at {d:g}", root, root_slope, at(d)) for d in NEAR[::2]),
    *(Row(f"x|x| at {d:g}", lambda x: x * abs(x), lambda x: 2 * abs(x), at(d)) for d in NEAR[1::2]),
    *(Row(f"relu at {d:g}", relu, step, at(d)) for d in NEAR),
    Row("abs anywhere", np.abs, np.sign, uniform(-0.5, 0.5)),
    Row("elu at its kink", elu, elu_slope, uniform(-0.5, 0.5)),
    Row("relu^2", lambda x: relu(x) ** 2, lambda x: 2 * relu(x), uniform(-0.5, 0.5)),
    Row(
        "two kinks",
        lambda x: np.abs(np.abs(x) - 0.01),
        lambda x: np.sign(x) * np.sign(np.abs(x) - np.longdouble(0.01)),
        uniform(-0.5, 0.5),
    ),
    Row(
        "many kinks",
        lambda x: np.abs(np.mod(x, 0.25) - 0.125),
        lambda x: np.sign(np.mod(x, 0.25) - 0.125),
        uniform(-2, 2),
    ),
    steep(20, normal(0.2), "anywhere"),
    *(steep(s, normal(), "anywhere") for s in (1e3, 1e4)),
    *(steep(s, normal(5 / s), "on the step") for s in (1e2, 1e3, 1e4)),
    steep(1e6, normal(1e-5), "on the step", float64=NARROWER, float32=NARROWER),
    *hidden(1e2),
    *hidden(1e4),
    *hidden(1e8, float32=HIDDEN),
    *hidden(1e12, float32=HIDDEN),
    *hidden(1e17, float64=HIDDEN, float32=HIDDEN),
    Row(
        "(x + 1e8) - 1e8, squared",
        lambda x: ((x + 1e8) - 1e8) ** 2,
        lambda x: 2 * x,
        normal(),
        limits={"float32": HIDDEN},
    ),
    Row(
        "cos of a cancelled sum", lambda x: np.cos((x + 1e6) - 1e6), lambda x: -np.sin(x), normal()
    ),
    Row(
        "entropy of a sure choice",
        entropy,
        entropy_slope,
        uniform(8, 15),
        limits={"float32": STILL},
    ),
    Row(
        "entropy of a surer one",
        entropy,
        entropy_slope,
        uniform(24, 33),
        limits={"float64": STILL, "float32": HIDDEN},
    ),
    Row("exp in float32", lambda x: np.exp(x.astype(np.float32)), np.exp, normal(2)),
    Row("sin in float16", lambda x: np.sin(x.astype(np.float16)), np.cos, normal(2)),
    Row("sqrt", np.sqrt, lambda x: 0.5 / np.sqrt(x), uniform(1e-2, 1)),
    Row("sqrt near 0", np.sqrt, lambda x: 0.5 / np.sqrt(x), uniform(1e-6, 1e-2)),
    Row("1/x", lambda x: 1 / x, lambda x: -1 / x**2, at(0.5)),
    Row("1/x near 0", lambda x: 1 / x, lambda x: -1 / x**2, at(1e-3)),
    Row("a jump", step, lambda x: 0 * x, uniform(-0.5, 0.5)),
    Row("floor", np.floor, lambda x: 0 * x, normal(2)),
    Row("a spike", spike, spike_slope, normal(3e-3)),
    Row("a spike far off", spike, spike_slope, normal()),
    Row(
        "a spike between samples",
        lambda x: np.exp(-((1e7 * x) ** 2)),
        lambda x: -2e14 * x * np.exp(-((1e7 * x) ** 2)),
        at(1e-7),
        limits={"float64": NARROWER, "float32": NARROWER},
    ),
    Row("product of 100", lambda x: np.prod(x, -1), product_slope, about_one(100), 0.1),
    Row(
        "product of 1e4",
        lambda x: np.prod(x, -1),
        product_slope,
        about_one(10_000),
        0.01,
        dear=True,
    ),
)
