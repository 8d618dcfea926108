"""Each preset with a right layer of its style, and with wrong ones that it must not hide."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from gradcheck.reference import conv2d, linear

import gradcheck
from gradcheck import Verdict, adapt

Array = Any


class Dense:
    """W of shape (in, out); gradients in self.dW and self.db."""

    scale = 1.0

    def __init__(self, weight: Array, bias: Array) -> None:
        self.W, self.b = weight, bias

    def forward(self, x: Array) -> Array:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: Array) -> Array:
        self.dW, self.db = self.x.T @ dout, dout.sum(0)
        return dout @ self.W.T


class Transposed(Dense):
    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.dW = self.dW[::-1]
        return dx


class AddsUp(Dense):
    dW: Any = 0.0  # noqa: N815
    db: Any = 0.0

    def backward(self, dout: Array) -> Array:
        self.dW, self.db = self.dW + self.x.T @ dout, self.db + dout.sum(0)
        return dout @ self.W.T


class SharesCache(Dense):
    cache: ClassVar[list[Any]] = []

    def forward(self, x: Array) -> Array:
        self.cache[:] = [x]
        return x @ self.W + self.b

    def backward(self, dout: Array) -> Array:
        self.dW, self.db = self.cache[0].T @ dout, dout.sum(0)
        return dout @ self.W.T


class Mean(Dense):
    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.dW, self.db = self.dW / len(dout), self.db / len(dout)
        return dx


class Mixed(Dense):
    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.dW = self.dW / len(dout)
        return dx


class UpdatesFirst(Dense):
    def backward(self, dout: Array) -> Array:
        self.dW, self.db = self.x.T @ dout, dout.sum(0)
        self.W -= self.dW
        return dout @ self.W.T


def dense(kind: type[Dense], *, reduction: str = "sum", **how: Any) -> adapt.Conventional:
    layer = adapt.oop(
        lambda config, a: kind(a["weight"], a["bias"]),
        grads={"weight": "dW", "bias": "db"},
        name=kind.__name__,
        **how,
    )
    return adapt.conventions(layer, weight_layout="IO", reduction=reduction)


def judged(layer: adapt.Conventional) -> gradcheck.LayerReport:
    return gradcheck.check_layer("linear", layer, examples=20, fixed={"bias": True})


def test_an_object_passes() -> None:
    assert judged(dense(Dense)).verdict is Verdict.PASS


@pytest.mark.parametrize("kind", [Transposed, Mixed, Mean, UpdatesFirst])
def test_an_object_with_a_wrong_gradient_fails(kind: type[Dense]) -> None:
    assert judged(dense(kind)).verdict is Verdict.FAIL


def test_a_gradient_that_adds_up_is_named_unless_it_is_meant() -> None:
    report = judged(dense(AddsUp))
    assert report.verdict is Verdict.FAIL
    assert "adds up" in report.failures[0].message
    assert judged(dense(AddsUp, accumulates=True)).verdict is Verdict.PASS


def test_a_shared_cache_is_named() -> None:
    report = judged(dense(SharesCache))
    assert report.verdict is Verdict.FAIL
    assert "share a cache" in report.failures[0].message


def test_a_mean_is_a_convention_only_of_all_parameters() -> None:
    assert judged(dense(Mean, reduction="mean")).verdict is Verdict.PASS
    assert judged(dense(Mixed, reduction="mean")).verdict is Verdict.FAIL
    assert judged(dense(Dense, reduction="mean")).verdict is Verdict.FAIL


def conv_forward(x: Array, w: Array, b: Array, conv_param: dict[str, int]) -> tuple[Array, Any]:
    return conv2d.forward(x, w, b, stride=conv_param["stride"], padding=conv_param["pad"])


def conv_backward_batch_of_one(dout: Array, cache: Any) -> Any:
    dx, dw, db = conv2d.backward(dout, cache)
    return dx, dw, None if db is None else dout[:1].sum((0, 2, 3))


@pytest.mark.parametrize(
    ("backward", "verdict"),
    [(conv2d.backward, Verdict.PASS), (conv_backward_batch_of_one, Verdict.FAIL)],
)
def test_a_pair_with_a_dict_of_hyperparameters(backward: Any, verdict: Verdict) -> None:
    report = gradcheck.check_layer(
        "conv2d",
        adapt.cs231n(conv_forward, backward),
        examples=40,
        fixed={"dilation": 1, "groups": 1, "stride": 2, "padding": 1},
    )
    assert report.verdict is verdict, report


def test_a_config_that_the_dict_cannot_say_is_refused() -> None:
    layer = adapt.cs231n(conv_forward, conv2d.backward)
    x, w = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    for config in ({"dilation": 2}, {"stride": (1, 2)}):
        with pytest.raises(ValueError, match="the layer"):
            layer(config).pull(x=x, weight=w, bias=None)


def test_explicit_tensors_in_the_order_of_a_string() -> None:
    def forward(x: Array, w: Array) -> Array:
        return x @ w.T

    def gradw(x: Array, dy: Array) -> Array:
        return dy.T @ x

    def gradx(dy: Array, w: Array) -> Array:
        return dy @ w

    x, w = np.random.default_rng(0).standard_normal((2, 3, 4))
    right = adapt.explicit(
        forward,
        "x, weight",
        (gradw, "x, dy -> dweight"),
        (gradx, "dy, weight -> dx"),
    )
    wrong = adapt.explicit(
        forward,
        "x, weight",
        (gradw, "dy, x -> dweight"),
        (gradx, "dy, weight -> dx"),
    )
    assert gradcheck.check(right, x=x, weight=w).passed
    assert not gradcheck.check(wrong, x=x, weight=w).passed


def test_explicit_says_what_is_wrong_with_an_order() -> None:
    with pytest.raises(ValueError, match="no '->'"):
        adapt.explicit(np.sin, "x", (np.cos, "dy, x"))
    with pytest.raises(ValueError, match="a gradient dw is given"):
        adapt.explicit(np.sin, "x", (np.cos, "dy -> dw"))


@pytest.mark.parametrize(
    "wrong", [{"layout": "CHWN"}, {"weight_layout": "WWHO"}, {"reduction": "max"}]
)
def test_an_unknown_convention_names_the_known(wrong: dict[str, str]) -> None:
    layer = adapt.functional(linear.forward, linear.backward)
    with pytest.raises(ValueError, match="it is one of"):
        adapt.conventions(layer, **wrong)  # type: ignore[arg-type]


def nhwc(x: Array, w: Array, b: Array | None, **config: Any) -> tuple[Array, Any]:
    y, cache = conv2d.forward(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1), None, **config)
    y = y.transpose(0, 2, 3, 1)
    return (y if b is None else y + b), (cache, b is not None)


def nhwc_backward(dy: Array, saved: Any) -> Any:
    cache, bias = saved
    dx, dw, _ = conv2d.backward(dy.transpose(0, 3, 1, 2), cache)
    db = dy.sum((0, 1, 2), keepdims=True) if bias else None
    return dx.transpose(0, 2, 3, 1), dw.transpose(2, 3, 1, 0), db


def test_channels_last_with_kernels_hwio_and_a_bias_of_four_axes() -> None:
    layer = adapt.conventions(
        adapt.functional(nhwc, nhwc_backward),
        layout="NHWC",
        weight_layout="HWIO",
        bias_shape=(1, 1, 1, -1),
    )
    assert gradcheck.check_layer("conv2d", layer, examples=40).verdict is Verdict.PASS
    swapped = adapt.conventions(layer.layer, layout="NHWC", weight_layout="OIHW")
    assert gradcheck.check_layer("conv2d", swapped, examples=8).verdict is not Verdict.PASS
