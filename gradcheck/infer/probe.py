"""Probe: one point, and what the oracle says of it, to tell conventions by.

Nothing is judged here. Of the conventions under which the layer runs at all, the one whose output
comes nearest is taken; whether it is near enough, the checks decide. Where a layer is a polynomial
the point lies on the integers, so that the right convention comes as near as it can, to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gradcheck.adapt._seeded import seeded

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array, Layer

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One point, and what the oracle says of it."""

    config: Mapping[str, Any]
    inputs: Mapping[str, Array | None]
    cotangent: Array
    output: Array
    gradients: Mapping[str, Array | None]
    case: Case | None = None
    """The case whose settings and shapes these are, if it was drawn."""

    @property
    def params(self) -> tuple[str, ...]:
        """The present inputs that are parameters."""
        return tuple(n for n, a in self.inputs.items() if n != "x" and a is not None)

    def __str__(self) -> str:
        shapes = [f"{n} {a.shape}" for n, a in self.inputs.items() if a is not None]
        config = [f"{key}={value}" for key, value in self.config.items()]
        return ", ".join([*shapes, *config])


def miss(layer: Layer, probe: Probe) -> float:
    """Return how far a layer's output is from the oracle's; infinite where it does not fit."""
    with np.errstate(all="ignore"):
        output, _ = layer(probe.config).pull(**probe.inputs)
    if not isinstance(output, np.ndarray) or output.shape != probe.output.shape:
        return np.inf
    apart = np.abs(output - probe.output)
    return float(np.max(apart, initial=0.0)) if np.all(np.isfinite(apart)) else np.inf


def nearest(candidates: Iterable[T], distance: Callable[[T], float]) -> tuple[T | None, float]:
    """Return the nearest candidate, the first of equals; the search ends where one is at 0."""
    best: T | None = None
    least = np.inf
    for candidate in candidates:
        far = distance(candidate)
        if far < least:
            best, least = candidate, far
        if far == 0:
            break
    return best, least


def reduction(layer: Any, probe: Probe) -> str:
    """Return how the gradients of all parameters are scaled, if all are alike, or "sum"."""
    try:
        with np.errstate(all="ignore"), seeded():
            _, pullback = layer(probe.config).pull(**probe.inputs)
            found = pullback(probe.cotangent)
        votes = {_vote(found[n], probe.gradients[n], len(probe.cotangent)) for n in probe.params}
    except Exception:  # what it raises, the check says
        return "sum"
    return votes.pop() if len(votes) == 1 else "sum"


def _vote(gradient: Any, wanted: Any, batch: int) -> str:
    scaled = {
        "sum": gradient, "mean": gradient * batch, "-sum": -gradient, "-mean": -gradient * batch
    }  # fmt: skip
    return min(scaled, key=lambda how: float(np.max(np.abs(scaled[how] - wanted), initial=0.0)))
