"""Scope: what a stranger's function may be told of a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradcheck.adapt._conventions import SHAPES
from gradcheck.adapt._settings import Refusal


@dataclass(frozen=True)
class Scope:
    """What a function may be told: the config, arrays in its own layout, the spec's shapes."""

    config: Mapping[str, Any]
    arrays: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    """Keys that were looked up in a dict of settings."""

    @property
    def shapes(self) -> Mapping[str, Any]:
        """Shapes of the spec's arrays."""
        known: Mapping[str, Any] = self.config.get(SHAPES, {})
        return known or {n: None if a is None else a.shape for n, a in self.arrays.items()}

    @property
    def window(self) -> tuple[int, ...]:
        """Extents of the kernel or of the pooling window."""
        if "kernel_size" in self.config:
            return pair_of(self.config["kernel_size"])
        weight = self.shapes.get("weight")
        if weight is None or len(weight) < 3:
            raise Refusal("there is no kernel here, and the layer asks for its size")
        return tuple(weight[2:])

    def fan(self, axis: int) -> int:
        """Return the number of channels out (0) or in (1)."""
        weight = self.shapes.get("weight")
        if weight is None:
            return int(self.shapes["x"][1])
        groups = int(self.config.get("groups", 1)) if axis else 1
        return int(weight[axis] if len(weight) > axis else weight[0]) * groups


def pair_of(value: Any) -> tuple[int, ...]:
    """Return a setting as a tuple."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


Meaning = Callable[[Scope], Any]
