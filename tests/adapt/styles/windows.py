"""Convolutions and pools as people write them, in the layouts that people use."""

from __future__ import annotations

from typing import Any

import numpy as np
from gradcheck.reference import conv2d, max_pool2d


def conv_forward(x: Any, w: Any, b: Any, conv_param: dict[str, int]) -> Any:
    """Settings in a dict."""
    return conv2d.forward(x, w, b, stride=conv_param["stride"], padding=conv_param["pad"])


conv_backward = conv2d.backward


def conv_backward_wrong(dout: Any, cache: Any) -> Any:
    dx, dw, db = conv2d.backward(dout, cache)
    return dx, dw, None if db is None else db / dout[0, 0].size


class ChannelsLast:
    """NHWC, kernels (kh, kw, in, out), a bias of four axes; the size of the kernel as a pair."""

    def __init__(self, out_ch: int, kernel_shape: Any, pad: int = 0, stride: int = 1) -> None:
        self.out_ch, self.kernel_shape, self.pad, self.stride = out_ch, kernel_shape, pad, stride
        self.params: dict[str, Any] = {}
        self.grads: dict[str, Any] = {}

    def forward(self, X: Any) -> Any:
        if not self.params:
            W = np.random.randn(*self.kernel_shape, X.shape[3], self.out_ch)
            self.params = {"W": W, "b": np.zeros((1, 1, 1, self.out_ch))}
        x, w = X.transpose(0, 3, 1, 2), self.params["W"].transpose(3, 2, 0, 1)
        y, self.cache = conv2d.forward(x, w, None, stride=self.stride, padding=self.pad)
        return y.transpose(0, 2, 3, 1) + self.params["b"]

    def backward(self, dLdy: Any) -> Any:
        dx, dw, _ = conv2d.backward(dLdy.transpose(0, 3, 1, 2), self.cache)
        self.grads = {"W": dw.transpose(2, 3, 1, 0), "b": dLdy.sum((0, 1, 2), keepdims=True)}
        return dx.transpose(0, 2, 3, 1)


class ChannelsLastWrong(ChannelsLast):
    def backward(self, dLdy: Any) -> Any:
        dx = super().backward(dLdy)
        self.grads["W"] = self.grads["W"][::-1]
        return dx


class OneChannel:
    """One grey image (H, W) in, (H, W, filters) out; kernels of 3 x 3; plain descent inside."""

    def __init__(self, num_filters: int) -> None:
        self.filters = np.random.randn(num_filters, 3, 3) / 9

    def regions(self, image: Any) -> Any:
        h, w = image.shape
        for i in range(h - 2):
            for j in range(w - 2):
                yield image[i : i + 3, j : j + 3], i, j

    def forward(self, input: Any) -> Any:
        self.last_input = input
        h, w = input.shape
        output = np.zeros((h - 2, w - 2, len(self.filters)))
        for region, i, j in self.regions(input):
            output[i, j] = np.sum(region * self.filters, axis=(1, 2))
        return output

    def backprop(self, d_out: Any, learn_rate: float) -> Any:
        d_filters, d_input = np.zeros_like(self.filters), np.zeros_like(self.last_input)
        for region, i, j in self.regions(self.last_input):
            d_filters += d_out[i, j][:, None, None] * region
            d_input[i : i + 3, j : j + 3] += np.tensordot(d_out[i, j], self.filters, 1)
        self.filters -= learn_rate * d_filters
        return d_input


class OneChannelWrong(OneChannel):
    def backprop(self, d_out: Any, learn_rate: float) -> Any:
        super().backprop(d_out, learn_rate)
        return np.zeros_like(self.last_input)


class TrueConvolution:
    """Turns the kernel by 180 degrees, as mathematics has it; one stride."""

    def __init__(self, weight: Any, bias: Any, stride: int = 1, padding: int = 0) -> None:
        self.weight, self.bias, self.stride, self.padding = weight, bias, stride, padding

    def forward(self, x: Any) -> Any:
        turned = self.weight[:, :, ::-1, ::-1]
        how: Any = {"stride": self.stride, "padding": self.padding}
        y, self.cache = conv2d.forward(x, turned, self.bias, **how)
        return y

    def backward(self, dout: Any) -> Any:
        dx, dw, self.dbias = conv2d.backward(dout, self.cache)
        self.dweight = dw[:, :, ::-1, ::-1]
        return dx


class TrueConvolutionWrong(TrueConvolution):
    """Forgets to turn the gradient back."""

    def backward(self, dout: Any) -> Any:
        dx, self.dweight, self.dbias = conv2d.backward(dout, self.cache)
        return dx


class Divides:
    """The shape of a sample in the constructor; refuses strides that do not divide."""

    def __init__(self, X_dim: Any, size: int, stride: int) -> None:
        self.size, self.stride = size, stride
        if any((extent - size) % stride for extent in X_dim[1:]):
            raise Exception("Invalid dimensions!")

    def forward(self, X: Any) -> Any:
        y, self.cache = max_pool2d.forward(X, kernel_size=self.size, stride=self.stride)
        return y

    def backward(self, dout: Any) -> Any:
        dx = max_pool2d.backward(dout, self.cache)
        return (dx if isinstance(dx, np.ndarray) else dx[0]), []


class DividesWrong(Divides):
    def backward(self, dout: Any) -> Any:
        return super().backward(dout)[0] / self.size, []


class ShapeOfKernels:
    """The kernel by its whole shape, (kh, kw, in, out); parameters made by the first forward."""

    def __init__(self, kernel: Any, stride: Any = (1, 1), padding: str = "SAME") -> None:
        self.kernel, self.stride, self.padding = kernel, stride, padding
        self.params: dict[str, Any] = {}
        self.grads: dict[str, Any] = {}

    def forward(self, inputs: Any) -> Any:
        kh, kw, _, out = self.kernel
        if not self.params:
            self.params = {"w": np.random.randn(*self.kernel), "b": np.zeros(out)}
        same = ((kh - 1) // 2, (kw - 1) // 2) if self.padding == "SAME" else (0, 0)
        x, w = inputs.transpose(0, 3, 1, 2), self.params["w"].transpose(3, 2, 0, 1)
        y, self.cache = conv2d.forward(x, w, None, stride=self.stride, padding=same)
        return y.transpose(0, 2, 3, 1) + self.params["b"]

    def backward(self, grad: Any) -> Any:
        dx, dw, _ = conv2d.backward(grad.transpose(0, 3, 1, 2), self.cache)
        self.grads = {"w": dw.transpose(2, 3, 1, 0), "b": grad.sum((0, 1, 2))}
        return dx.transpose(0, 2, 3, 1)


class ShapeOfKernelsWrong(ShapeOfKernels):
    def backward(self, grad: Any) -> Any:
        dx = super().backward(grad)
        self.grads["b"] = grad.mean((0, 1, 2))
        return dx
