"""RMSprop: gradients divided by a running root of their mean square.

With parameter p, gradient g (weight decay added), running means s of g^2 and m of g, and d = s,
centred d = s - m^2,

    s <- alpha s + (1 - alpha) g^2,    m <- alpha m + (1 - alpha) g
    b <- momentum b + g / (sqrt(d) + eps)
    p <- p - lr b.

Tieleman & Hinton, lecture 6.5 of Neural networks for machine learning, 2012; centred: Graves,
Generating sequences with recurrent neural networks, 2013. eps stands outside the root, as in torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .._types import Array
from ._optimiser import Optimiser, at_least_0, share


class Memory(NamedTuple):
    """Running means of the square and of the gradient, and the buffer of the momentum."""

    square: Array
    mean: Array
    buffer: Array


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimiser[Memory]):
    """RMSprop.

    Attributes
    ----------
    alpha : float
        Weight of the running means in their next values.
    eps : float
        Added to the root.
    momentum : float
        Weight of the steps before.
    centered : bool
        Whether to divide by the root of the variance instead of the mean square.
    """

    lr: float = 1e-2
    alpha: float = 0.99
    eps: float = 1e-8
    momentum: float = 0
    centered: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_0(self, "eps", "momentum")
        share(self, "alpha", self.alpha)

    def initial(self, parameter: Array) -> Memory:
        """Return the memory of one parameter before the first step."""
        zero = np.zeros_like(parameter)
        return Memory(zero, zero, zero)

    def move(self, parameter: Array, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """Return one parameter and its memory after a step."""
        gradient = self.decayed(parameter, gradient)
        square = self.alpha * memory.square + (1 - self.alpha) * gradient * gradient
        mean = self.alpha * memory.mean + (1 - self.alpha) * gradient
        # No variance is below 0, but the difference may be rounded there.
        divisor = np.maximum(square - mean * mean, 0) if self.centered else square
        buffer = self.momentum * memory.buffer + gradient / (np.sqrt(divisor) + self.eps)
        return parameter - self.lr * buffer, Memory(square, mean, buffer)
