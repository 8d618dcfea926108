"""Adadelta: steps in units of the parameter, from the steps taken so far.

With parameter p, gradient g (weight decay added), running means s of g^2 and u of squared steps,

    s <- rho s + (1 - rho) g^2
    d  = sqrt(u + eps) / sqrt(s + eps) g
    u <- rho u + (1 - rho) d^2
    p <- p - lr d.

Zeiler, Adadelta: an adaptive learning rate method, 2012. Both eps stand inside the roots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .._types import Array
from ._optimiser import Optimiser, at_least_0, share


class Memory(NamedTuple):
    """Running means of the squared gradients and of the squared steps."""

    square: Array
    steps: Array


@dataclass(frozen=True, kw_only=True)
class Adadelta(Optimiser[Memory]):
    """Adadelta.

    Attributes
    ----------
    rho : float
        Weight of the running means in their next values.
    eps : float
        Added to both means, under the root.
    """

    lr: float = 1.0
    rho: float = 0.9
    eps: float = 1e-6

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_0(self, "eps")
        share(self, "rho", self.rho)

    def initial(self, parameter: Array) -> Memory:
        """Return the memory of one parameter before the first step."""
        zero = np.zeros_like(parameter)
        return Memory(zero, zero)

    def move(self, parameter: Array, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """Return one parameter and its memory after a step."""
        gradient = self.decayed(parameter, gradient)
        square = self.rho * memory.square + (1 - self.rho) * gradient * gradient
        delta = np.sqrt(memory.steps + self.eps) / np.sqrt(square + self.eps) * gradient
        steps = self.rho * memory.steps + (1 - self.rho) * delta * delta
        return parameter - self.lr * delta, Memory(square, steps)
