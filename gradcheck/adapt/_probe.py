"""Probe: tell a convention by asking the layer at one point, next to an oracle.

Nothing is judged here. Of the conventions under which the layer runs at all, the one whose output
comes nearest is taken; whether it is near enough, the checks decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._conventions import conventions
from gradcheck.adapt._naming import place_of

if TYPE_CHECKING:
    from gradcheck.adapt._infer import Inferred
    from gradcheck.layer import Array, Layer

Build = Callable[[Mapping[str, str], Mapping[str, str], str], "Inferred"]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One point, and what the oracle says of it."""

    config: Mapping[str, Any]
    inputs: Mapping[str, Array | None]
    cotangent: Array
    output: Array
    gradients: Mapping[str, Array | None]

    @property
    def params(self) -> tuple[str, ...]:
        """The present inputs that are parameters."""
        return tuple(n for n, a in self.inputs.items() if n != "x" and a is not None)


def nearest_layout(
    build: Callable[[str], Layer], probe: Probe, layouts: tuple[str, ...], weights: tuple[str, ...]
) -> tuple[str, str]:
    """Return the layouts of data and kernel under which the output comes nearest."""
    choices = list(product(layouts, weights))
    misses = [_miss(build, probe, layout, weight) for layout, weight in choices]
    return choices[int(np.argmin(misses))]


def _miss(build: Callable[[str], Layer], probe: Probe, layout: str, weight: str) -> float:
    seen = conventions(build(weight), layout=layout, weight_layout=weight)
    try:
        output, _ = seen(probe.config).pull(**probe.inputs)
        same = output.shape == probe.output.shape
        return float(np.abs(output - probe.output).max()) if same else np.inf
    except Exception:  # under this convention it does not run; the check says what it raises
        return np.inf


def parameter_reduction(layer: Layer, probe: Probe) -> str:
    """Return "mean" if every parameter's gradient comes nearer when multiplied by the batch."""
    try:
        _, pullback = layer(probe.config).pull(**probe.inputs)
        found = pullback(probe.cotangent)
        votes = [_votes_for_mean(found[n], probe.gradients[n], probe) for n in probe.params]
    except Exception:  # what it raises, the check says
        return "sum"
    return "mean" if votes and all(votes) else "sum"


def _votes_for_mean(gradient: Any, wanted: Any, probe: Probe) -> bool:
    batch = len(probe.cotangent)
    apart, scaled = np.abs(gradient - wanted).max(), np.abs(gradient * batch - wanted).max()
    return bool(scaled < apart)


def places(holder: Any, names: tuple[str, ...], *, gradient: bool) -> dict[str, str]:
    """Return where an object keeps each parameter or gradient, as far as it is seen."""
    found = {name: place_of(holder, name, gradient=gradient) for name in names}
    return {name: place for name, place in found.items() if place is not None}
