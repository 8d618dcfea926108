"""Adam and AdamW.

With parameter p, gradient g, running means m of g and s of g^2, at step t = 1, 2, ...,

    m <- b1 m + (1 - b1) g,    s <- b2 s + (1 - b2) g^2
    p <- p - lr / (1 - b1^t) m / (sqrt(s) / sqrt(1 - b2^t) + eps).

The divisors 1 - b^t undo that both means begin at 0. With amsgrad s stands for the largest s so
far. Adam adds weight_decay p to g; AdamW scales p by 1 - lr weight_decay before the step instead,
so that the decay is not divided by the root.

Kingma & Ba, Adam: a method for stochastic optimization, 2015; Reddi, Kale & Kumar, On the
convergence of Adam and beyond, 2018; Loshchilov & Hutter, Decoupled weight decay regularization,
2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from .._types import Array
from ._optimiser import Optimiser, at_least_0, share


class Memory(NamedTuple):
    """Number of steps, running means of gradient and square, and the largest of the latter."""

    steps: int
    mean: Array
    square: Array
    largest: Array


@dataclass(frozen=True, kw_only=True)
class Adam(Optimiser[Memory]):
    """Adam.

    Attributes
    ----------
    betas : pair of float
        Weights of both running means in their next values.
    eps : float
        Added to the root.
    amsgrad : bool
        Whether to divide by the root of the largest mean square so far.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    amsgrad: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_0(self, "eps")
        for beta in self.betas:
            share(self, "betas", beta)

    def initial(self, parameter: Array) -> Memory:
        """Return the memory of one parameter before the first step."""
        zero = np.zeros_like(parameter)
        return Memory(0, zero, zero, zero)

    def move(self, parameter: Array, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """Return one parameter and its memory after a step."""
        return self._moved(parameter, self.decayed(parameter, gradient), memory)

    def _moved(self, parameter: Array, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        b1, b2 = self.betas
        steps = memory.steps + 1
        mean = b1 * memory.mean + (1 - b1) * gradient
        square = b2 * memory.square + (1 - b2) * gradient * gradient
        largest = np.maximum(memory.largest, square)
        root = np.sqrt(largest if self.amsgrad else square) / sqrt(1 - b2**steps)
        moved = parameter - self.lr / (1 - b1**steps) * mean / (root + self.eps)
        return moved, Memory(steps, mean, square, largest)


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Adam with the weight decay apart from the gradient."""

    weight_decay: float = 1e-2

    def move(self, parameter: Array, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """Return one parameter and its memory after a step."""
        shrunk = parameter * (1 - self.lr * self.weight_decay)
        return self._moved(shrunk, gradient, memory)
