"""Activations as people write them: objects, derivatives alone, closures, home-made autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Mask:
    def forward(self, x: Any) -> Any:
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout: Any) -> Any:
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class MaskWrong(Mask):
    """Overwrites the upstream gradient."""

    def backward(self, dout: Any) -> Any:
        dout[self.mask] = 1
        return dout


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def sigmoid_prime(a: Any) -> Any:
    """Of the output."""
    return a * (1 - a)


def sigmoid_derivative(x: Any) -> Any:
    """Of the input."""
    return sigmoid(x) * (1 - sigmoid(x))


def sigmoid_prime_wrong(a: Any) -> Any:
    return a * (1 + a)


def nonlin(x: Any, deriv: bool = False) -> Any:
    """One function for both; the derivative is of the output."""
    return x * (1 - x) if deriv else 1 / (1 + np.exp(-x))


def nonlin_wrong(x: Any, deriv: bool = False) -> Any:
    return x * (1 - x) ** 2 if deriv else 1 / (1 + np.exp(-x))


class Gradient:
    """``__call__`` and ``gradient``, both of the input."""

    def __call__(self, x: Any) -> Any:
        return sigmoid(x)

    def gradient(self, x: Any) -> Any:
        p = self.__call__(x)
        return p * (1 - p)


class GradientWrong(Gradient):
    def gradient(self, x: Any) -> Any:
        return super().gradient(x) / 2


def relu(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The pullback comes with the output."""
    mask = x > 0
    return x * mask, lambda dy: dy * mask


def relu_wrong(x: Any) -> tuple[Any, Callable[[Any], Any]]:
    return x * (x > 0), lambda dy: dy * (dy > 0)


class Tensor:
    """Autograd of one's own, with a seed of ones."""

    def __init__(self, data: Any, parents: Any = ()) -> None:
        self.data, self.parents = data, parents
        self.grad: Any = np.zeros_like(data)

    def __mul__(self, other: Tensor) -> Tensor:
        a, b = self.data, other.data
        return Tensor(a * b, ((self, lambda g: g * b), (other, lambda g: g * a)))

    def sum(self) -> Tensor:
        return Tensor(np.sum(self.data), ((self, lambda g: g * np.ones_like(self.data)),))

    def relu(self, slope: float = 0.0) -> Tensor:
        on = np.where(self.data > 0, 1.0, slope)
        return Tensor(np.maximum(self.data, 0), ((self, lambda g: g * on),))

    def backward(self) -> None:
        self.grad = np.ones_like(self.data)
        self._send()

    def _send(self) -> None:
        for parent, back in self.parents:
            parent.grad = parent.grad + back(self.grad)
            parent._send()


def taped_relu(x: Tensor) -> Tensor:
    return x.relu()


def taped_relu_wrong(x: Tensor) -> Tensor:
    return x.relu(0.1)
