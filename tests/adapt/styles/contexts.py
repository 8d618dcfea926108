"""Functions of home-made engines: forward saves on a context what backward reads from it."""

from __future__ import annotations

from typing import Any

import numpy as np


class Affine:
    """As in torch, over arrays, each gradient only where it is asked for."""

    @staticmethod
    def forward(ctx: Any, input: Any, weight: Any, bias: Any = None) -> Any:
        ctx.save_for_backward(input, weight, bias)
        y = input @ weight.T
        return y if bias is None else y + bias

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        x, weight, bias = ctx.saved_tensors
        dx = grad_output @ weight if ctx.needs_input_grad[0] else None
        dw = grad_output.T @ x if ctx.needs_input_grad[1] else None
        return dx, dw, None if bias is None else grad_output.sum(axis=0)


class AffineWrong(Affine):
    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        dx, dw, db = Affine.backward(ctx, grad_output)
        return dx, dw, None if db is None else grad_output.mean(axis=0)


class Product:
    """No bias; what was saved goes by another name."""

    @staticmethod
    def forward(ctx: Any, x: Any, w: Any) -> Any:
        ctx.save_for_backward(x, w)
        return x @ w.T

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        x, w = ctx.saved_values
        return dy @ w, dy.T @ x


class ProductWrong(Product):
    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        x, w = ctx.saved_values
        return dy @ w, dy.T @ np.abs(x)


def product_forward(ctx: Any, x: Any, w: Any) -> Any:
    """Plain attributes of whatever comes first."""
    ctx.x, ctx.w = x, w
    return x @ w.T


def product_backward(ctx: Any, dy: Any) -> Any:
    return dy @ ctx.w, dy.T @ ctx.x


def product_backward_wrong(ctx: Any, dy: Any) -> Any:
    return dy @ ctx.w, np.abs(dy).T @ ctx.x


class Function:
    """An engine's own: the instance is the context."""

    def __init__(self, *tensors: Any) -> None:
        self.parents = tensors
        self.saved_tensors: list[Any] = []

    def save_for_backward(self, *tensors: Any) -> None:
        self.saved_tensors.extend(tensors)


class Rectify(Function):
    @staticmethod
    def forward(ctx: Any, input: Any) -> Any:
        ctx.save_for_backward(input)
        return np.maximum(input, 0)

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        (x,) = ctx.saved_tensors
        return np.where(x > 0, grad_output, 0)


class RectifyWrong(Rectify):
    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return np.where(grad_output > 0, grad_output, 0)


class Leaky:
    """Called on the class, without a decorator; a gradient None for the setting."""

    def forward(ctx: Any, x: Any, negative_slope: float = 0.01) -> Any:
        ctx.x, ctx.slope = x, negative_slope
        return np.where(x > 0, x, negative_slope * x)

    def backward(ctx: Any, dy: Any) -> Any:
        return np.where(ctx.x > 0, 1, ctx.slope) * dy, None


class LeakyWrong(Leaky):
    def backward(ctx: Any, dy: Any) -> Any:
        return np.where(ctx.x > 0, 1, ctx.slope**2) * dy, None
