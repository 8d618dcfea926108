"""Dimensions: whether a layer is one of vectors, of sequences or of images, told by trying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcheck.infer import point
from gradcheck.infer.probe import miss

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradcheck.adapt._conventions import Conventional
    from gradcheck.case import Case
    from gradcheck.spec import Spec

CALLED = ("vectors", "sequences", "images")
"""Data of no, one and two axes beside the batch and the channels."""


@dataclass(frozen=True)
class Dimensions:
    """Keeps the cases whose data a layer takes."""

    axes: tuple[int, ...]

    def __str__(self) -> str:
        return f"the layer takes {' and '.join(CALLED[n] for n in self.axes)}"

    def __call__(self, case: Case) -> Case | None:
        """Return a case of data that the layer takes."""
        return case if len(case.shape("x")) - 2 in self.axes else None


def told(
    layer: Conventional, spec: Spec, oracle: Any, pins: Mapping[str, Any]
) -> Dimensions | None:
    """Return the data that a layer takes; None where it takes all, or the spec knows one kind."""
    if "axes" in pins or not point.pinnable(spec, {"axes": 0}):
        return None
    taken = tuple(n for n in range(len(CALLED)) if _runs(layer, spec, oracle, {**pins, "axes": n}))
    return Dimensions(taken) if taken and len(taken) < len(CALLED) else None


def _runs(layer: Conventional, spec: Spec, oracle: Any, pins: Mapping[str, Any]) -> bool:
    """Tell whether a layer gives an output of the right shape; a wrong one is for the checks."""
    try:
        return miss(layer, point.draw(spec, oracle, pins, wish="apart")) < float("inf")
    except Exception:
        return False
