"""Fully connected layers as people write them; each style right, and wrong as it happens."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np


class WeightsGiven:
    """Arrays in the constructor, gradients in attributes of their names."""

    def __init__(self, W: Any, b: Any) -> None:
        self.W, self.b = W, b
        self.dW: Any = None
        self.db: Any = None

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout: Any) -> Any:
        self.dW, self.db = np.dot(self.x.T, dout), np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)


class WeightsGivenWrong(WeightsGiven):
    def backward(self, dout: Any) -> Any:
        super().backward(dout)
        return np.dot(dout, np.abs(self.W).T)


class Dicts:
    """Parameters made by the first forward, kept in a dict; gradients in another."""

    def __init__(self, num_out: int) -> None:
        self.num_out, self.params, self.grads = num_out, {}, {}  # type: ignore[var-annotated]

    def forward(self, inputs: Any) -> Any:
        if not self.params:
            shape = (inputs.shape[1], self.num_out)
            self.params = {"w": np.random.uniform(size=shape), "b": np.zeros(self.num_out)}
        self.ctx = inputs
        return inputs @ self.params["w"] + self.params["b"]

    def backward(self, grad: Any) -> Any:
        self.grads["w"] = self.ctx.T @ grad
        self.grads["b"] = np.sum(grad, axis=0)
        return grad @ self.params["w"].T


class DictsWrong(Dicts):
    def backward(self, grad: Any) -> Any:
        dx = super().backward(grad)
        self.grads["b"] = np.mean(grad, axis=0)
        return dx


class InitialisedWithOptimiser:
    """The optimiser is copied for each parameter and updates inside backward_pass."""

    def __init__(self, n_units: int, input_shape: Any = None) -> None:
        self.n_units, self.input_shape = n_units, input_shape

    def initialize(self, optimizer: Any) -> None:
        self.W = np.random.uniform(size=(self.input_shape[0], self.n_units))
        self.w0 = np.zeros((1, self.n_units))
        self.W_opt, self.w0_opt = copy.copy(optimizer), copy.copy(optimizer)

    def forward_pass(self, X: Any, training: bool = True) -> Any:
        self.layer_input = X
        return X.dot(self.W) + self.w0

    def backward_pass(self, accum_grad: Any) -> Any:
        W = self.W
        grad_w, grad_w0 = self.gradients(accum_grad)
        self.W = self.W_opt.update(self.W, grad_w)
        self.w0 = self.w0_opt.update(self.w0, grad_w0)
        return accum_grad.dot(W.T)

    def gradients(self, accum_grad: Any) -> Any:
        return self.layer_input.T.dot(accum_grad), np.sum(accum_grad, axis=0, keepdims=True)


class InitialisedWithOptimiserWrong(InitialisedWithOptimiser):
    def gradients(self, accum_grad: Any) -> Any:
        return self.layer_input.T.dot(accum_grad), accum_grad[:1]


class LearningRate:
    """Plain descent inside the backward, which takes the rate."""

    def __init__(self, n_in: int, n_out: int) -> None:
        self.weights, self.biases = np.random.randn(n_in, n_out), np.zeros((1, n_out))

    def feed_forward(self, x: Any) -> Any:
        self.last = x
        return x @ self.weights + self.biases

    def backprop(self, dy: Any, learn_rate: float) -> Any:
        dx = dy @ self.weights.T
        self.weights -= learn_rate * self.last.T @ dy
        self.biases -= learn_rate * dy.sum(axis=0, keepdims=True)
        return dx


class LearningRateWrong(LearningRate):
    """The gradient of x is taken with weights that were updated a line before."""

    def backprop(self, dy: Any, learn_rate: float) -> Any:
        super().backprop(dy, learn_rate)
        return dy @ self.weights.T


class ListOfGradients:
    """``dx, [dw, db]``, and a list of parameters beside the attributes."""

    def __init__(self, in_size: int, out_size: int) -> None:
        self.W, self.b = np.random.randn(in_size, out_size), np.zeros((1, out_size))
        self.params = [self.W, self.b]

    def forward(self, X: Any) -> Any:
        self.X = X
        return self.X @ self.W + self.b

    def backward(self, dout: Any) -> Any:
        dw, db = self.X.T @ dout, np.sum(dout, axis=0).reshape(1, -1)
        return dout @ self.W.T, [dw, db]


class ListOfGradientsWrong(ListOfGradients):
    def backward(self, dout: Any) -> Any:
        dx, (dw, db) = super().backward(dout)
        return dx, [dw, db + dw.sum(0)]


class ResultsInAttributes:
    """Nothing is returned: ``.output``, ``.dinputs``, ``.dweights``, ``.dbiases``."""

    def __init__(self, n_inputs: int, n_neurons: int) -> None:
        self.weights, self.biases = np.random.randn(n_inputs, n_neurons), np.zeros((1, n_neurons))

    def forward(self, inputs: Any) -> None:
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases

    def backward(self, dvalues: Any) -> None:
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)


class ResultsInAttributesWrong(ResultsInAttributes):
    def backward(self, dvalues: Any) -> None:
        super().backward(dvalues)
        self.dweights = np.dot(self.inputs.T, dvalues) / 2


class SetUp:
    """``_setup(input_shape, rng)``, ``fprop``, ``bprop``; parameters divided by the batch."""

    def __init__(self, n_out: int, weight_scale: float = 1.0) -> None:
        self.n_out, self.weight_scale = n_out, weight_scale

    def _setup(self, input_shape: Any, rng: Any) -> None:
        self.W = rng.normal(size=(input_shape[1], self.n_out), scale=self.weight_scale)
        self.b = np.zeros(self.n_out)

    def fprop(self, input: Any) -> Any:
        self.last_input = input
        return np.dot(input, self.W) + self.b

    def bprop(self, output_grad: Any) -> Any:
        n = output_grad.shape[0]
        self.dW, self.db = np.dot(self.last_input.T, output_grad) / n, np.mean(output_grad, axis=0)
        return np.dot(output_grad, self.W.T)


class SetUpWrong(SetUp):
    """The mean for one parameter, the sum for the other."""

    def bprop(self, output_grad: Any) -> Any:
        dx = super().bprop(output_grad)
        self.db = np.sum(output_grad, axis=0)
        return dx


class AddsUp:
    """Gradients add up until they are cleared, and there is a method that clears them."""

    def __init__(self, n_in: int, n_out: int) -> None:
        self.parameters = {"W": np.random.randn(n_in, n_out), "b": np.zeros((1, n_out))}
        self.zero_grad()

    def zero_grad(self) -> None:
        self.gradients = {n: np.zeros_like(a) for n, a in self.parameters.items()}

    def forward(self, X: Any, retain_derived: bool = True) -> Any:
        self.X = X
        return X @ self.parameters["W"] + self.parameters["b"]

    def backward(self, dLdy: Any, retain_grads: bool = True) -> Any:
        self.gradients["W"] += self.X.T @ dLdy
        self.gradients["b"] += dLdy.sum(axis=0, keepdims=True)
        return dLdy @ self.parameters["W"].T


class AddsUpWrong(AddsUp):
    """Adds up, and nothing clears it."""

    zero_grad = None  # type: ignore[assignment]

    def __init__(self, n_in: int, n_out: int) -> None:
        self.parameters = {"W": np.random.randn(n_in, n_out), "b": np.zeros((1, n_out))}
        self.gradients = {n: np.zeros_like(a) for n, a in self.parameters.items()}


class OneSample:
    """A vector in, a vector out."""

    def __init__(self, input_size: int, output_size: int) -> None:
        self.weights, self.bias = np.random.randn(output_size, input_size), np.zeros(output_size)

    def forward(self, x: Any) -> Any:
        (self.features,) = x.shape
        self.x = x
        return self.weights @ x + self.bias

    def backward(self, grad: Any) -> Any:
        self.grad_weights, self.grad_bias = np.outer(grad, self.x), grad
        return self.weights.T @ grad


class OneSampleWrong(OneSample):
    def backward(self, grad: Any) -> Any:
        dx = super().backward(grad)
        self.grad_weights = np.outer(grad, np.abs(self.x))
        return dx


class Descent:
    """Gradients with the sign of a descent, ``W += dW``."""

    def __init__(self, n_in: int, n_out: int) -> None:
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W + self.b

    def backward(self, delta: Any) -> Any:
        self.dW, self.db = -self.x.T @ delta, -delta.sum(0)
        return delta @ self.W.T


class DescentWrong(Descent):
    def backward(self, delta: Any) -> Any:
        dx = super().backward(delta)
        self.db = delta.sum(0)
        return dx


def made(n_in: int, n_out: int) -> Any:
    """A factory."""
    return Descent(n_in, n_out)


def made_wrong(n_in: int, n_out: int) -> Any:
    return DescentWrong(n_in, n_out)


instance = WeightsGiven(np.ones((3, 6)), np.zeros(6))
instance_wrong = WeightsGivenWrong(np.ones((3, 6)), np.zeros(6))


def fc_forward(z: Any, W: Any, b: Any) -> Any:
    """Explicit tensors; the gradients of the parameters first, divided by the batch."""
    return np.dot(z, W) + b


def fc_backward(next_dz: Any, W: Any, z: Any) -> Any:
    n = z.shape[0]
    return np.dot(z.T, next_dz) / n, np.sum(next_dz, axis=0) / n, np.dot(next_dz, W.T)


def fc_backward_wrong(next_dz: Any, W: Any, z: Any) -> Any:
    n = z.shape[0]
    return np.dot(z.T, next_dz) / n, np.sum(next_dz, axis=0), np.dot(next_dz, W.T)


def linear_forward(A_prev: Any, W: Any, b: Any) -> Any:
    """Samples in columns; a bias of shape (n, 1); gradients divided by the number of columns."""
    return np.dot(W, A_prev) + b.reshape(-1, 1), (A_prev, W, b)


def linear_backward(dZ: Any, cache: Any) -> Any:
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, np.sum(dZ, axis=1).reshape(b.shape) / m


def linear_backward_wrong(dZ: Any, cache: Any) -> Any:
    A_prev, W, b = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, np.full(b.shape, np.sum(dZ) / m)


def affine_forward(x: Any, w: Any, b: Any) -> Any:
    """``(out, cache)``, and ``dx, dw, db`` from a backward of the cache."""
    return x.reshape(x.shape[0], -1) @ w + b, (x, w, b)


def affine_backward(dout: Any, cache: Any) -> Any:
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0)


def affine_backward_wrong(dout: Any, cache: Any) -> Any:
    x, w, _ = cache
    return (dout @ w.T).reshape(x.shape), x.T @ (dout > 0), dout.sum(axis=0)


class RowOfBias:
    """A bias (1, n) whose gradient is (n,), as ``b -= rate * db`` takes it."""

    def __init__(self, in_size: int, out_size: int) -> None:
        self.W, self.b = np.random.randn(in_size, out_size), np.zeros((1, out_size))

    def forward(self, X: Any) -> Any:
        self.X = X
        return X @ self.W + self.b

    def backward(self, dout: Any) -> Any:
        return dout @ self.W.T, [self.X.T @ dout, np.sum(dout, axis=0)]


class RowOfBiasWrong(RowOfBias):
    def backward(self, dout: Any) -> Any:
        dX, (dW, db) = super().backward(dout)
        return dX, [dW, db / len(dout)]
