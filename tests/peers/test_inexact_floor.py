"""Convolutions whose size is not exact: the mistake that four projects shipped.

The windows of a convolution need not fill its padded input: r = (H + 2p - d (k - 1) - 1) mod s rows
are left over, and the textbook backward, which spreads the cotangent by the stride and convolves
once more, must put r rows of zeros behind it. The mistakes below forget them, as f-dangel/backpack
(30), mlpack/mlpack (2986), PKUFlyingPig/CMU10-714 (6) and hpc-ulisboa/posit-neuralnet (2) did, each
with its own symptom. Where r happens to suit, every one of them is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

import gradcheck
from gradcheck import Verdict, adapt

Array = np.ndarray[Any, Any]
Pair = tuple[int, int]


def correlate(x: Array, weight: Array, stride: Pair, dilation: Pair) -> Array:
    """y[n, o, a, b] = sum over c, i, j of weight[o, c, i, j] x[n, c, a s + i d, b s + j d]."""
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, weight.shape[2:], strict=True))
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(2, 3))
    (sh, sw), (dh, dw) = stride, dilation
    picked = windows[:, :, ::sh, ::sw, ::dh, ::dw]
    y: Array = np.moveaxis(np.tensordot(picked, weight, ((1, 4, 5), (1, 2, 3))), 3, 1)
    return y


def padded(x: Array, before: Pair, after: Pair) -> Array:
    return np.pad(x, ((0, 0), (0, 0), *zip(before, after, strict=True)))


def spread(dy: Array, stride: Pair, behind: Pair) -> Array:
    """Put s - 1 zeros between the entries of the cotangent, and some behind the last."""
    sizes = [(n - 1) * s + 1 + b for n, s, b in zip(dy.shape[2:], stride, behind, strict=True)]
    wide = np.zeros((*dy.shape[:2], *sizes), dy.dtype)
    rows, columns = ((n - 1) * s + 1 for n, s in zip(dy.shape[2:], stride, strict=True))
    wide[:, :, : rows : stride[0], : columns : stride[1]] = dy
    return wide


@dataclass
class Scene:
    """One group of a convolution, with all that its backward needs."""

    x: Array
    weight: Array
    dy: Array
    stride: Pair
    padding: Pair
    dilation: Pair

    @property
    def left_over(self) -> Pair:
        a, b = (
            (n + 2 * p - d * (k - 1) - 1) % s
            for n, p, d, k, s in zip(
                self.x.shape[2:], self.padding, self.dilation, self.weight.shape[2:], self.stride,
                strict=True,
            )
        )  # fmt: skip
        return a, b

    def dx(self, behind: Pair) -> Array:
        """Return the gradient of the padded input: rotated kernels over the spread cotangent."""
        rows, columns = (
            d * (k - 1) for d, k in zip(self.dilation, self.weight.shape[2:], strict=True)
        )
        wide = padded(spread(self.dy, self.stride, behind), (rows, columns), (rows, columns))
        rotated = np.flip(self.weight, (2, 3)).swapaxes(0, 1)
        return correlate(wide, rotated, (1, 1), self.dilation)

    def cropped(self, dx: Array) -> Array:
        (top, left), (h, w) = self.padding, dx.shape[2:]
        return dx[:, :, top : h - top, left : w - left]

    def dweight(self, behind: Pair) -> Array:
        """Return the input under the spread cotangent, taken for a kernel."""
        x = padded(self.x, self.padding, self.padding).swapaxes(0, 1)
        wide = spread(self.dy, self.stride, behind).swapaxes(0, 1)
        full = correlate(x, wide, (1, 1), (1, 1)).swapaxes(0, 1)
        return full[:, :, :: self.dilation[0], :: self.dilation[1]]


def right(scene: Scene) -> tuple[Array, Array]:
    return scene.cropped(scene.dx(scene.left_over)), scene.dweight(scene.left_over)


def kernel_does_not_fit(scene: Scene) -> tuple[Array, Array]:
    """Take what comes out for a kernel, though with rows left over it is a larger one."""
    return right(scene)[0], scene.dweight((0, 0)).reshape(scene.weight.shape)


def buffer_does_not_fit(scene: Scene) -> tuple[Array, Array]:
    """Add into a buffer of the padded input's size what is r rows shorter."""
    dx = np.zeros_like(padded(scene.x, scene.padding, scene.padding))
    dx += scene.dx((0, 0))
    return scene.cropped(dx), right(scene)[1]


def whole_strides(scene: Scene) -> tuple[Array, Array]:
    """Put s - 1 zeros behind the last entry as well, whatever is left over."""
    behind = scene.stride[0] - 1, scene.stride[1] - 1
    return scene.cropped(scene.dx(behind)), right(scene)[1]


def out_of_place(scene: Scene) -> tuple[Array, Array]:
    """Put the rows that are missing in front, and keep the kernel's far end: shapes are right."""
    dx = padded(scene.dx((0, 0)), scene.left_over, (0, 0))
    rows, columns = scene.weight.shape[2:]
    return scene.cropped(dx), scene.dweight((0, 0))[:, :, -rows:, -columns:]


Backward = Callable[[Scene], tuple[Array, Array]]
SYMPTOMS: tuple[Backward, ...] = (
    kernel_does_not_fit, buffer_does_not_fit, whole_strides, out_of_place,
)  # fmt: skip
SUITS = {"whole_strides": 6}
"""Heights that hide the mistake with a kernel of 3 and a stride of 2; 5 for the others."""


def convolution(backward_of: Backward) -> adapt.Functional:
    def forward(
        x: Array, weight: Array, bias: Array | None, *, stride: Pair, padding: Pair,
        dilation: Pair, groups: int,
    ) -> tuple[Array, Any]:  # fmt: skip
        wide = padded(x, padding, padding)
        pieces = zip(np.split(wide, groups, 1), np.split(weight, groups), strict=True)
        y = np.concatenate([correlate(a, w, stride, dilation) for a, w in pieces], axis=1)
        shift = 0 if bias is None else bias[:, None, None]
        return y + shift, (x, weight, bias, stride, padding, dilation, groups)

    def backward(dy: Array, cache: Any) -> tuple[Array | None, ...]:
        x, weight, bias, stride, padding, dilation, groups = cache
        pieces = zip(np.split(x, groups, 1), np.split(weight, groups),
                     np.split(dy, groups, 1), strict=True)  # fmt: skip
        scenes = [Scene(*arrays, stride, padding, dilation) for arrays in pieces]
        dx, dweight = zip(*map(backward_of, scenes), strict=True)
        dbias = None if bias is None else dy.sum(axis=(0, 2, 3))
        return np.concatenate(dx, axis=1), np.concatenate(dweight), dbias

    return adapt.functional(forward, backward, inputs=("x", "weight", "bias"), name="conv2d")


def drawn(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in shapes]


CONFIG: dict[str, Any] = {"stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "groups": 1}


def test_the_textbook_backward_with_its_rows_passes() -> None:
    gradcheck.check_layer("conv2d", convolution(right), examples=60).raise_for_verdict()


@pytest.mark.parametrize("bug", SYMPTOMS)
def test_default_settings_find_the_rows_that_are_forgotten(bug: Backward) -> None:
    report = gradcheck.check_layer("conv2d", convolution(bug))
    assert report.verdict in (Verdict.FAIL, Verdict.ERROR), str(report)


@pytest.mark.parametrize("bug", SYMPTOMS)
@pytest.mark.parametrize("pixel", [True, False])
def test_torch_accepts_them_where_nothing_is_left_over(bug: Backward, pixel: bool) -> None:
    """A kernel of one pixel, or a size that suits: the configuration matters, not the checker."""
    size, kernel, stride = (4, 1, 1) if pixel else (SUITS.get(bug.__name__, 5), 3, 2)
    x, weight = drawn((1, 1, size, size), (1, 1, kernel, kernel))
    layer, config = convolution(bug), {**CONFIG, "stride": (stride, stride)}

    class Convolution(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            y, ctx.pullback = layer(config).pull(
                x=tensors[0].detach().numpy(), weight=tensors[1].detach().numpy(), bias=None
            )
            return torch.from_numpy(y)

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            gradients = ctx.pullback(dy.numpy())
            return tuple(torch.from_numpy(gradients[name].copy()) for name in ("x", "weight"))

    tensors = tuple(torch.tensor(a, requires_grad=True) for a in (x, weight))
    assert torch.autograd.gradcheck(Convolution.apply, tensors)
    report = gradcheck.check(layer, config=config, x=x, weight=weight, bias=None)
    assert report.verdict is Verdict.PASS, str(report)
