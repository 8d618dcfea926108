"""What activations and losses are, by mpmath: value, slope and curvature at a point.

A function is written once, of a `Jet`, a Taylor polynomial of degree two whose arithmetic carries
the derivatives along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradcheck.reference
import mpmath as mp
import numpy as np

DIGITS = 50
BELOW = -(10**5)
"""An exponential of less is 0 in every dtype, whatever it is multiplied by."""


@dataclass(frozen=True)
class Jet:
    """f, f' and f'' at a point."""

    f: Any
    d: Any
    c: Any

    def __add__(self, other: Any) -> Jet:
        o = jet(other)
        return Jet(self.f + o.f, self.d + o.d, self.c + o.c)

    def __mul__(self, other: Any) -> Jet:
        o = jet(other)
        slope = self.d * o.f + self.f * o.d
        return Jet(self.f * o.f, slope, self.c * o.f + 2 * self.d * o.d + self.f * o.c)

    def __neg__(self) -> Jet:
        return Jet(-self.f, -self.d, -self.c)

    def __sub__(self, other: Any) -> Jet:
        return self + -jet(other)

    def __rsub__(self, other: Any) -> Jet:
        return jet(other) - self

    def __truediv__(self, other: Any) -> Jet:
        o = jet(other)
        return self * o.of(1 / o.f, -1 / o.f**2, 2 / o.f**3)

    def __rtruediv__(self, other: Any) -> Jet:
        return jet(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __abs__(self) -> Jet:
        return -self if self.f < 0 else self

    def of(self, f: Any, d: Any, c: Any) -> Jet:
        """Return the composition with a function that has this value, slope and curvature here."""
        return Jet(f, d * self.d, c * self.d**2 + d * self.c)


def jet(value: Any) -> Jet:
    return value if isinstance(value, Jet) else Jet(mp.mpf(value), mp.mpf(0), mp.mpf(0))


def exp(x: Jet) -> Jet:
    if x.f < BELOW:
        return jet(0)
    e = mp.exp(x.f)
    return x.of(e, e, e)


def expm1(x: Jet) -> Jet:
    return exp(x) - 1 if x.f < BELOW else x.of(mp.expm1(x.f), mp.exp(x.f), mp.exp(x.f))


def log(x: Jet) -> Jet:
    return x.of(mp.log(x.f), 1 / x.f, -1 / x.f**2)


def log1p(x: Jet) -> Jet:
    below = 1 + x.f
    return x.of(mp.log1p(x.f), 1 / below, -1 / below**2)


def tanh(x: Jet) -> Jet:
    t, s = mp.tanh(x.f), mp.sech(x.f) ** 2
    return x.of(t, s, -2 * t * s)


def erfc(x: Jet) -> Jet:
    if abs(x.f) > -BELOW:
        return jet(0 if x.f > 0 else 2)
    slope = -2 / mp.sqrt(mp.pi) * mp.exp(-x.f * x.f)
    return x.of(mp.erfc(x.f), slope, -2 * x.f * slope)


def sigmoid(x: Jet) -> Jet:
    return 1 / (1 + exp(-x)) if x.f >= 0 else exp(x) / (1 + exp(x))


def softplus(x: Jet, beta: float = 1.0, threshold: float = 20.0) -> Jet:
    z = beta * x
    return x if z.f > threshold else (log1p(exp(-abs(z))) + (z if z.f >= 0 else 0)) / beta


def tanhshrink(x: Jet) -> Jet:
    return x - tanh(x)


def gelu(x: Jet, approximate: str) -> Jet:
    if approximate == "none":
        return x * erfc(-x * mp.sqrt(0.5)) / 2
    return x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x * x * x))


def selu(x: Jet) -> Jet:
    scale = mp.mpf("1.0507009873554804934193349852946")
    alpha = mp.mpf("1.6732632423543772848170429916717")
    return scale * (x if x.f > 0 else alpha * expm1(x))


def clipped(x: Jet, low: float, high: float) -> Jet:
    return x if low < x.f < high else jet(low if x.f <= low else high)


@dataclass(frozen=True)
class Row:
    """A layer with a config, what it is, and torch's name for it."""

    layer: str
    truth: Callable[[Jet], Jet]
    config: dict[str, Any] = field(default_factory=dict)
    at: tuple[float, ...] = ()
    """Places where the form changes: the numbers beside them are looked at, they are not."""
    inputs: Callable[[Any], tuple[Any, ...]] = lambda x: (x,)
    """The layer's inputs at points x."""
    said: str = ""
    """What stands beside x in those inputs."""
    of: Any = ...
    """Index of the outputs that are f."""
    by: Any = ...
    """Index of the entries of the first input that are x."""
    within: tuple[float, float] | None = None
    """Where f is looked at, where that is not everywhere."""

    @property
    def name(self) -> str:
        said = [self.said] * bool(self.said)
        said += [f"{k}={v}" for k, v in self.config.items() if k not in ("reduction", "dim")]
        return f"{self.layer}({', '.join(said)})" if said else self.layer

    def ours(self, x: Any) -> tuple[Any, Any]:
        """Return f and f' at points x, as the layer says."""
        layer = getattr(gradcheck.reference, self.layer)
        y, cache = layer.forward(*self.inputs(x), **self.config)
        dy = np.zeros_like(y)
        dy[self.of] = 1
        gradients = layer.backward(dy, cache)
        first = gradients[0] if isinstance(gradients, tuple) else gradients
        return y[self.of], first[self.by]


def elu(x: Jet, alpha: float) -> Jet:
    return x if x.f > 0 else alpha * expm1(x)


def beside(*others: float, place: int = 0) -> Callable[[Any], tuple[Any, ...]]:
    """Return the inputs of layers along an axis: x among other entries."""

    def inputs(x: Any) -> tuple[Any, ...]:
        columns = [np.full_like(x, other) for other in others]
        columns.insert(place, x)
        return (np.stack(columns, axis=-1),)

    return inputs


def against(target: float) -> Callable[[Any], tuple[Any, ...]]:
    """Return the inputs of losses of pairs."""
    return lambda x: (x, np.full_like(x, target))


def of_class(number: int) -> Callable[[Any], tuple[Any, ...]]:
    """Return the inputs of losses of classes: logits x, 0, 1, and targets."""
    return lambda x: (*beside(0, 1)(x), np.full(x.shape, number))


OTHERS = 1 + mp.e
"""exp(0) + exp(1): of logits x, 0, 1 those beside x."""


def first_share(x: Jet) -> Jet:
    """Return the softmax of (x, 0, 1) at x."""
    return 1 / (1 + OTHERS * exp(-x)) if x.f >= 0 else exp(x) / (exp(x) + OTHERS)


def first_min(x: Jet) -> Jet:
    """Return the softmin of (x, 0, 1) at x, the others' weights being exp(0) + exp(-1)."""
    others = 1 + mp.exp(-1)
    return 1 / (1 + others * exp(x)) if x.f <= 0 else exp(-x) / (exp(-x) + others)


def log_sum(x: Jet) -> Jet:
    """Return log(exp(x) + exp(0) + exp(1))."""
    return x + log1p(OTHERS * exp(-x)) if x.f >= 0 else log(exp(x) + OTHERS)


def log_share(x: Jet) -> Jet:
    """Return the log_softmax of (x, 0, 1) at x."""
    return -log1p(OTHERS * exp(-x)) if x.f >= 0 else x - log_sum(x)


NONE = {"reduction": "none"}
FIRST = (..., 0)

LOSSES = (
    Row("mse_loss", lambda x: (x - 0.75) * (x - 0.75), NONE, (0.75,), against(0.75), "t=0.75"),
    Row(
        "binary_cross_entropy", lambda x: -(0.25 * log(x) + 0.75 * log1p(-x)), NONE, (0.25,),
        against(0.25), "t=0.25", within=(2e-12, 1 - 2e-12),
    ),
    Row(
        "binary_cross_entropy_with_logits",
        lambda x: softplus(x, threshold=mp.inf) - 0.25 * x, NONE, (), against(0.25), "t=0.25",
    ),
    Row(
        "binary_cross_entropy_with_logits",
        lambda x: softplus(-x, threshold=mp.inf), NONE, (), against(1.0), "t=1",
    ),
    Row("nll_loss", lambda x: -x, NONE, (), of_class(0), "class of x", by=FIRST),
    Row("cross_entropy", lambda x: -log_share(x), NONE, (), of_class(0), "class of x", by=FIRST),
    Row("cross_entropy", log_sum, NONE, (), of_class(1), "another class", by=FIRST),
    Row(
        "soft_cross_entropy", lambda x: log_sum(x) - 0.5, NONE, (),
        lambda x: (*beside(0, 1)(x), np.tile(np.array([0, 0.5, 0.5], x.dtype), (len(x), 1))),
        "t=0, 0.5, 0.5", by=FIRST,
    ),
)  # fmt: skip
"""Losses of one entry each."""

ALONG = {"inputs": beside(0, 1), "said": "x, 0, 1", "of": FIRST, "by": FIRST}

ROWS = (
    Row("relu", lambda x: x if x.f > 0 else jet(0), at=(0.0,)),
    Row("leaky_relu", lambda x: x if x.f > 0 else x * 0.01, {"negative_slope": 0.01}, (0.0,)),
    Row(
        "prelu", lambda x: x if x.f > 0 else x * 0.25, at=(0.0,),
        inputs=lambda x: (x, np.full(1, 0.25, x.dtype)), said="weight=0.25",
    ),
    Row("relu6", lambda x: clipped(x, 0, 6), at=(0.0, 6.0)),
    Row("hardtanh", lambda x: clipped(x, -1, 1), at=(-1.0, 1.0)),
    Row("hardsigmoid", lambda x: clipped(x + 3, 0, 6) / 6, at=(-3.0, 3.0)),
    Row("hardswish", lambda x: x * clipped(x + 3, 0, 6) / 6, at=(-3.0, 3.0)),
    Row("hardshrink", lambda x: x if abs(x.f) > 0.5 else jet(0), {"lambd": 0.5}, (-0.5, 0.5)),
    Row(
        "softshrink",
        lambda x: x - mp.sign(x.f) * 0.5 if abs(x.f) > 0.5 else jet(0),
        {"lambd": 0.5}, (-0.5, 0.5),
    ),
    Row(
        "threshold", lambda x: x if x.f > 1 else jet(20), {"threshold": 1.0, "value": 20.0}, (1.0,)
    ),
    Row("elu", lambda x: elu(x, 1), at=(0.0,)),
    Row("elu", lambda x: elu(x, -2.5), {"alpha": -2.5}, (0.0,)),
    Row("celu", lambda x: x if x.f > 0 else 0.5 * expm1(2 * x), {"alpha": 0.5}, (0.0,)),
    Row("selu", selu, at=(0.0,)),
    Row("sigmoid", sigmoid),
    Row("logsigmoid", lambda x: -softplus(-x, threshold=mp.inf)),
    Row("tanh", tanh),
    Row("tanhshrink", tanhshrink),
    Row("softsign", lambda x: x / (1 + abs(x))),
    Row("softplus", softplus, at=(20.0,)),
    Row(
        "softplus", lambda x: softplus(x, 2.0, 40.0), {"beta": 2.0, "threshold": 40.0}, (20.0,)
    ),
    Row("silu", lambda x: x * sigmoid(x)),
    Row("mish", lambda x: x * tanh(softplus(x, threshold=mp.inf))),
    Row("gelu", lambda x: gelu(x, "none"), {"approximate": "none"}),
    Row("gelu", lambda x: gelu(x, "tanh"), {"approximate": "tanh"}),
    Row(
        "glu", lambda x: 1.5 * sigmoid(x), {"dim": -1}, (), beside(1.5, place=1), "1.5, x",
        of=FIRST, by=(..., 1),
    ),
    Row("softmax", first_share, {"dim": -1}, **ALONG),
    Row("softmin", first_min, {"dim": -1}, **ALONG),
    Row("log_softmax", log_share, {"dim": -1}, **ALONG),
    *LOSSES,
)  # fmt: skip


def points(dtype: str, count: int, row: Row) -> Any:
    """Return random bit patterns, numbers of usual size, and the ends of the range."""
    rng = np.random.default_rng(0)
    kind, info = np.dtype(dtype).type, np.finfo(dtype)
    if row.within:
        return _between(rng, count, *np.array(row.within, dtype))
    bits = np.frombuffer(rng.bytes(count // 2 * np.dtype(dtype).itemsize), dtype)
    usual = rng.choice([-1, 1], count // 2) * 10 ** rng.uniform(-3, 2.9, count // 2)
    usual = np.append(usual, rng.uniform(-8, 8, count // 2)).astype(dtype)
    ends = np.array([0.0, info.smallest_subnormal, info.tiny, info.eps, 1.0, info.max], dtype)
    beside = [np.nextafter(kind(at), kind(to)) for at in row.at for to in (-np.inf, np.inf)]
    x = np.concatenate([bits, usual, ends, -ends, np.array(beside, dtype)])
    return x[np.isfinite(x) & ~np.isin(x, np.array(row.at, dtype))]


def _between(rng: Any, count: int, low: Any, high: Any) -> Any:
    """Return random bit patterns and numbers between two positive ones: bits keep the order."""
    integers = f"i{low.itemsize}"
    bits = rng.integers(low.view(integers), high.view(integers), count // 2, dtype=integers)
    usual = rng.uniform(low, high, count // 2).astype(low.dtype)
    return np.concatenate([bits.view(low.dtype), usual[usual < high]])


def truth(row: Row, x: float) -> tuple[Any, Any, Any]:
    """Return f, f' and f'', each right to 50 digits: more are carried where some may cancel."""
    size = abs(x) or 1.0
    cancelled = int(2.2 * abs(mp.log10(size)))
    with mp.workdps(DIGITS + cancelled):
        found = row.truth(Jet(mp.mpf(x), mp.mpf(1), mp.mpf(0)))
        return found.f, found.d, found.c


@dataclass(frozen=True)
class Errors:
    """Errors in units in the last place, as shares of what is allowed, and where."""

    x: Any
    ulps: Any
    share: Any


def errors(x: Any, mine: Any, exact: list[Any], change: list[Any]) -> Errors:
    """Hold numbers against the truth, outside overflow and underflow.

    Allowed are (4 + 2k) units in the last place, k = abs(x times the derivative / the value).
    """
    info = np.finfo(x.dtype)
    kept, ulps, share = [], [], []
    for place, got, true, slope in zip(x.tolist(), mine.tolist(), exact, change, strict=True):
        if true != 0 and not info.tiny <= abs(true) <= info.max:
            continue
        unit = float(np.ldexp(float(info.eps), int(np.frexp(float(true))[1]) - 1)) or 1.0
        error = float(abs(mp.mpf(got) - true) / unit) if np.isfinite(got) else np.inf
        condition = float(min(abs(place * slope / true), 1e300)) if true != 0 else 0.0
        kept.append(place)
        ulps.append(error)
        share.append(error / (4 + 2 * condition))
    return Errors(np.array(kept), np.array(ulps), np.array(share))
