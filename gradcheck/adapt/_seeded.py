"""Seeded: global random generators that a layer draws from, the same for each evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcheck import found

if TYPE_CHECKING:
    from gradcheck.layer import Array, Configured, Gradients, Layer, Pullback


@contextmanager
def seeded() -> Iterator[None]:
    """Seed the global generators, and leave them as they were found."""
    if found.held():  # whoever holds them puts them back, once for all evaluations
        found.seed()
        yield
        return
    with found.generators():
        found.seed()
        yield


@dataclass(frozen=True)
class Seeded:
    """A layer that draws the same numbers in each forward, and in each backward."""

    layer: Layer

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.layer.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.layer.inputs

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        with seeded():
            return _Configured(self.layer(config))


@dataclass(frozen=True)
class _Configured:
    configured: Configured

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        with seeded():
            output, back = self.configured.pull(**inputs)

        def pullback(cotangent: Array) -> Gradients:
            with seeded():
                return back(cotangent)

        return output, pullback
