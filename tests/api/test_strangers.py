"""Layers without a spec, at points of three sizes: right ones never fail, wrong ones never pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt

Array = np.ndarray[Any, Any]
Pair = tuple[Callable[..., Any], Callable[..., Any], dict[str, tuple[int, ...]]]

SMALL = 1e-5


def layer_norm() -> Pair:
    def forward(x: Array, gain: Array, shift: Array) -> tuple[Array, Any]:
        centred = x - x.mean(-1, keepdims=True)
        inverse = 1 / np.sqrt((centred**2).mean(-1, keepdims=True) + x.dtype.type(SMALL))
        return centred * inverse * gain + shift, (centred * inverse, inverse, gain)

    def backward(dy: Array, cache: Any) -> tuple[Array, ...]:
        y, inverse, gain = cache
        dn = dy * gain
        along = (dn * y).mean(-1, keepdims=True)
        dx = inverse * (dn - dn.mean(-1, keepdims=True) - y * along)
        return dx, (dy * y).sum(0), dy.sum(0)

    return forward, backward, {"x": (4, 6), "gain": (6,), "shift": (6,)}


def rows_normalised(z: Array) -> Array:
    e = np.exp(z - z.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True))


def attention() -> Pair:
    def forward(q: Array, k: Array, v: Array) -> tuple[Array, Any]:
        size = q.dtype.type(q.shape[-1] ** -0.5)
        weights = rows_normalised(q @ k.T * size)
        return weights @ v, (q, k, v, weights, size)

    def backward(dy: Array, cache: Any) -> tuple[Array, ...]:
        q, k, v, weights, size = cache
        dw = dy @ v.T
        ds = weights * (dw - (dw * weights).sum(-1, keepdims=True)) * size
        return ds @ k, ds.T @ q, weights.T @ dy

    return forward, backward, {"q": (4, 3), "k": (5, 3), "v": (5, 2)}


def unit_length() -> Pair:
    def forward(x: Array) -> tuple[Array, Any]:
        length = np.sqrt((x * x).sum(-1, keepdims=True))
        return x / length, (x / length, length)

    def backward(dy: Array, cache: Any) -> Array:
        y, length = cache
        return np.asarray((dy - y * (dy * y).sum(-1, keepdims=True)) / length)

    return forward, backward, {"x": (3, 5)}


def log_sum_exp() -> Pair:
    def forward(x: Array) -> tuple[Array, Any]:
        top = x.max(-1, keepdims=True)
        e = np.exp(x - top)
        total = e.sum(-1, keepdims=True)
        return (top + np.log(total))[..., 0], e / total

    def backward(dy: Array, share: Array) -> Array:
        return np.asarray(dy[..., None] * share)

    return forward, backward, {"x": (3, 6)}


def inverse() -> Pair:
    def forward(x: Array) -> tuple[Array, Any]:
        y = np.linalg.inv(x)
        return y, y

    def backward(dy: Array, y: Array) -> Array:
        return np.asarray(-(y.T @ dy @ y.T))

    return forward, backward, {"x": (4, 4)}


def cumulative_product() -> Pair:
    def forward(x: Array) -> tuple[Array, Any]:
        y = np.cumprod(x, -1)
        return y, (x, y)

    def backward(dy: Array, cache: Any) -> Array:
        x, y = cache
        return np.asarray(np.cumsum((dy * y)[..., ::-1], -1)[..., ::-1] / x)

    return forward, backward, {"x": (2, 5)}


def bilinear() -> Pair:
    def forward(x: Array, matrix: Array, y: Array) -> tuple[Array, Any]:
        return np.einsum("ni,ij,nj->n", x, matrix, y), (x, matrix, y)

    def backward(dy: Array, cache: Any) -> tuple[Array, ...]:
        x, matrix, y = cache
        return (
            dy[:, None] * (y @ matrix.T),
            np.einsum("n,ni,nj->ij", dy, x, y),
            dy[:, None] * (x @ matrix),
        )

    return forward, backward, {"x": (4, 3), "matrix": (3, 2), "y": (4, 2)}


def gaussian() -> Pair:
    def forward(x: Array) -> tuple[Array, Any]:
        return np.exp(-x * x / 2), x

    def backward(dy: Array, x: Array) -> Array:
        return np.asarray(-dy * x * np.exp(-x * x / 2))

    return forward, backward, {"x": (4, 5)}


def dense_relu() -> Pair:
    def forward(x: Array, weight: Array) -> tuple[Array, Any]:
        return np.maximum(x @ weight, 0), (x, weight)

    def backward(dy: Array, cache: Any) -> tuple[Array, ...]:
        x, weight = cache
        dz = dy * (x @ weight > 0)
        return dz @ weight.T, x.T @ dz

    return forward, backward, {"x": (4, 6), "weight": (6, 3)}


def cosine() -> Pair:
    def forward(a: Array, b: Array) -> tuple[Array, Any]:
        sizes = np.sqrt((a * a).sum(-1, keepdims=True)), np.sqrt((b * b).sum(-1, keepdims=True))
        y = (a * b).sum(-1, keepdims=True) / sizes[0] / sizes[1]
        return y[:, 0], (a, b, *sizes, y)

    def backward(dy: Array, cache: Any) -> tuple[Array, ...]:
        a, b, size_a, size_b, y = cache
        d = dy[:, None]
        return (
            d * (b / size_a / size_b - y * a / size_a**2),
            d * (a / size_a / size_b - y * b / size_b**2),
        )

    return forward, backward, {"a": (3, 4), "b": (3, 4)}


LAYERS = (
    layer_norm, attention, unit_length, log_sum_exp, inverse, cumulative_product, bilinear,
    gaussian, dense_relu, cosine,
)  # fmt: skip
SIZES = (1e-3, 1.0, 30.0)
DTYPES = ("float64", "float32")


def point(shapes: dict[str, tuple[int, ...]], size: float, dtype: str, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {n: (size * rng.standard_normal(shape)).astype(dtype) for n, shape in shapes.items()}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", LAYERS)
def test_a_right_gradient_never_fails(make: Callable[[], Pair], size: float, dtype: str) -> None:
    forward, backward, shapes = make()
    layer = adapt.functional(forward, backward, inputs=tuple(shapes))
    for seed in range(2):
        report = gradcheck.check(layer, seed=seed, **point(shapes, size, dtype, seed))
        wanted = {Verdict.PASS} if size == 1.0 else {Verdict.PASS, Verdict.INCONCLUSIVE}
        assert report.verdict in wanted, str(report)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", LAYERS)
def test_a_wrong_entry_never_passes(make: Callable[[], Pair], size: float, dtype: str) -> None:
    """The largest entry of the last input's gradient is off by a hundredth."""
    forward, backward, shapes = make()
    name = tuple(shapes)[-1]

    def wrong(dy: Array, cache: Any) -> Any:
        found = backward(dy, cache)
        gradients = [np.array(g) for g in (found if isinstance(found, tuple) else (found,))]
        largest = np.unravel_index(np.abs(gradients[-1]).argmax(), gradients[-1].shape)
        gradients[-1][largest] *= dy.dtype.type(1.01)
        return tuple(gradients) if len(shapes) > 1 else gradients[-1]

    layer = adapt.functional(forward, wrong, inputs=tuple(shapes))
    report = gradcheck.check(layer, **point(shapes, size, dtype, 0))
    assert report.verdict is not Verdict.PASS
    if report.failures:
        assert report.failures[0].wrt == name


@pytest.mark.parametrize("make", LAYERS)
def test_a_right_gradient_passes_at_points_of_every_size(make: Callable[[], Pair]) -> None:
    forward, backward, shapes = make()
    layer = adapt.functional(forward, backward, inputs=tuple(shapes))
    found = [
        gradcheck.check(layer, **point(shapes, size, dtype, 0)).verdict
        for size in SIZES for dtype in DTYPES
    ]  # fmt: skip
    assert found.count(Verdict.PASS) >= len(found) - 1
