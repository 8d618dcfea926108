"""Scene: one wrong gradient, with the Jacobian that says what it should have been."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck import jacobian
from gradcheck.bounds import scale_error
from gradcheck.pattern import TooLarge
from gradcheck.residual import Uncovered
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.block import Block
    from gradcheck.jacobian import Jacobian
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


class Unseen(Exception):  # noqa: N818 - names what it is
    """A Jacobian that cannot be had: too large, a kink in reach, or a layer that raises."""


@dataclass(frozen=True)
class Hypothesis:
    """The gradient that one mistake would give, how sure it is, and the mistake in words."""

    text: str
    gradient: Array
    slack: Array


@dataclass(frozen=True)
class Scene:
    """A wrong gradient.

    Attributes
    ----------
    trial : Trial
        The layer and its case.
    name : str
        The input that the gradient is with respect to.
    cotangent : Array
        float64.
    backward : Array
        What the layer said, in float64.
    whole : Jacobian
        From differences, with respect to that input alone.
    """

    trial: Trial
    name: str
    cotangent: Array
    backward: Array
    whole: Jacobian

    @property
    def block(self) -> Block:
        """The Jacobian with respect to the input."""
        return self.whole.blocks[self.name]

    def truth(self, cotangent: Array | None = None) -> tuple[Array, Array]:
        """Return the true gradient for a cotangent, the scene's by default, with its slack."""
        return self.pulled(self.block, self.cotangent if cotangent is None else cotangent)

    def pulled(self, block: Block, cotangent: Array) -> tuple[Array, Array]:
        """Return a block's gradient, with what its bars and the layer's rounding leave open."""
        gradient, bar = (a.reshape(self.backward.shape) for a in block.pull(cotangent))
        size = float(np.max(np.abs(gradient), initial=0.0))
        return gradient, bar + scale_error(size, self.trial.case.dtype)

    def fits(self, gradient: Array, slack: Array) -> bool:
        """Whether the wrong gradient is this one."""
        return bool(np.all(np.abs(self.backward - gradient) <= slack))

    def elsewhere(self, inputs: Mapping[str, Array | None]) -> Block:
        """Return the Jacobian with other inputs.

        Raises
        ------
        Unseen
            If it cannot be had there.
        """
        point = {**self.trial.point.inputs, **inputs}
        return whole(self.trial, self.name, inputs=point).blocks[self.name]


def scenes(trial: Trial, wrt: str) -> Iterator[Scene]:
    """Yield the gradient that a failure names, or all of them where it names none."""
    u = trial.cotangent
    gradients = trial.pull(trial.point.inputs)[1](u)
    for name in (wrt,) if wrt else trial.inputs:
        yield Scene(
            trial, name, u.astype(np.float64), gradients[name].astype(np.float64),
            whole(trial, name),
        )  # fmt: skip


def whole(trial: Trial, name: str, **where: Any) -> Jacobian:
    """Return the Jacobian with respect to one input.

    Raises
    ------
    Unseen
        If it cannot be had.
    """
    try:
        return jacobian.at_point(trial, (name,), **where)
    except (TooLarge, Uncovered, Violation, Raised) as reason:
        raise Unseen(str(reason)) from reason
