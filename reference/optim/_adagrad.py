"""Adagrad: each entry's rate falls with the gradients that it has seen.

With parameter p, gradient g (weight decay added) and s the sum of squares, at step t = 1, 2, ...,

    s <- s + g^2
    p <- p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).

Duchi, Hazan & Singer, Adaptive subgradient methods for online learning, 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .._types import Array
from ._optimiser import Optimiser, at_least_0


class Memory(NamedTuple):
    """Number of steps, and the sum of squares."""

    steps: int
    squares: Array


@dataclass(frozen=True, kw_only=True)
class Adagrad(Optimiser[Memory]):
    """Adagrad.

    Attributes
    ----------
    lr_decay : float
        How fast the learning rate falls with the number of steps.
    initial_accumulator_value : float
        What the sum of squares begins with.
    eps : float
        Added to its root.
    """

    lr: float = 1e-2
    lr_decay: float = 0
    initial_accumulator_value: float = 0
    eps: float = 1e-10

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_0(self, "lr_decay", "initial_accumulator_value", "eps")

    def initial(self, parameter: Array) -> Memory:
        """Return the memory of one parameter before the first step."""
        return Memory(0, np.full_like(parameter, self.initial_accumulator_value))

    def move(self, parameter: Array, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """Return one parameter and its memory after a step."""
        gradient = self.decayed(parameter, gradient)
        squares = memory.squares + gradient * gradient
        lr = self.lr / (1 + memory.steps * self.lr_decay)
        moved = parameter - lr * gradient / (np.sqrt(squares) + self.eps)
        return moved, Memory(memory.steps + 1, squares)
