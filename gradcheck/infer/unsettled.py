"""Unsettled: a layer whose backward raised where its gradients were looked for.

It ran forwards, so the raise is its own and no wrong usage. Every case looks for the gradients
anew: where the backward raises again it is a crash, and where it runs it is checked as any other.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcheck.adapt._conventions import Conventional
from gradcheck.infer.probe import Probe

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Pullback

UNSETTLED = "?"
"""The place of a gradient that was not found yet."""


@dataclass(frozen=True, kw_only=True)
class Unsettled:
    """A layer that is settled at each point by itself."""

    seen: Conventional
    settle: Callable[[Conventional, Probe], Conventional]

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.seen.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.seen.inputs

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, config)


@dataclass(frozen=True)
class _Configured:
    by: Unsettled
    config: Mapping[str, Any]

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        output, _ = self.by.seen(self.config).pull(**inputs)

        def pullback(cotangent: Array) -> Gradients:
            here = Probe(
                config=self.config, inputs=inputs, cotangent=cotangent, output=output, gradients={}
            )
            _, back = self.by.settle(self.by.seen, here)(self.config).pull(**inputs)
            return back(cotangent)

        return output, pullback


def is_unsettled(layer: Conventional) -> bool:
    """Tell whether the gradients of a layer are still to be found."""
    inner: Any = layer.layer
    return inner.dx == UNSETTLED if hasattr(inner, "make") else not inner.backward.places


def inside(error: Exception) -> bool:
    """Tell whether a stranger's own code raised, and not what we called it with."""
    last = [frame for frame, _ in traceback.walk_tb(error.__traceback__)][-1:]
    return any(not str(f.f_globals.get("__name__", "")).startswith("gradcheck.") for f in last)
