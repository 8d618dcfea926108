"""Stochastic gradient descent.

With parameter p, gradient g (weight decay added) and a buffer b that begins as the first gradient,

    b <- momentum b + (1 - dampening) g
    p <- p - lr b                      or with Nesterov's look ahead  p - lr (g + momentum b).

Sutskever et al., On the importance of initialization and momentum in deep learning, 2013; the
learning rate multiplies the buffer, as in torch.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._types import Array
from ._optimiser import Optimiser, at_least_0


@dataclass(frozen=True, kw_only=True)
class SGD(Optimiser[Array | None]):
    """Stochastic gradient descent with momentum.

    Attributes
    ----------
    momentum : float
        Weight of the steps before.
    dampening : float
        Share of the gradient that the buffer does not take up.
    nesterov : bool
        Whether to look ahead; needs momentum, and no dampening.
    """

    lr: float = 1e-3
    momentum: float = 0
    dampening: float = 0
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_0(self, "momentum")
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            raise ValueError(
                f"SGD: nesterov looks ahead along the momentum, undampened; got "
                f"momentum={self.momentum!r}, dampening={self.dampening!r}"
            )

    def initial(self, parameter: Array) -> None:
        """Return no buffer: the first gradient becomes it."""

    def move(
        self, parameter: Array, gradient: Array, memory: Array | None
    ) -> tuple[Array, Array | None]:
        """Return one parameter and its buffer after a step."""
        gradient = self.decayed(parameter, gradient)
        if self.momentum == 0:
            return parameter - self.lr * gradient, None
        if memory is None:
            buffer = gradient.copy()  # the caller may change his
        else:
            buffer = self.momentum * memory + (1 - self.dampening) * gradient
        ahead = gradient + self.momentum * buffer if self.nesterov else buffer
        return parameter - self.lr * ahead, buffer
