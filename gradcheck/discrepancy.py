"""Discrepancy: one disagreement, entry by entry, with the bound that it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradcheck.bounds import Bound


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """Three values of one entry, and how far apart the first two may be.

    Attributes
    ----------
    wrt : str
        ``"output"``, or the input whose gradient is meant.
    index : tuple of int
        Place of the entry in that array.
    backward, differences, autograd : float or None
        The layer's own value, the finite difference, the oracle's; None where it was not had.
        For the output the first is the layer's forward.
    bound : Bound
        How far apart they may be, and why.
    ulps : float or None
        The disagreement in units in the last place of the reference value, in the layer's dtype.
    output : tuple of int or None
        Where one entry of the Jacobian is meant: the place in the output; None where it is the
        gradient's.
    """

    wrt: str
    index: tuple[int, ...]
    backward: float | None
    differences: float | None
    autograd: float | None
    bound: Bound
    ulps: float | None = None
    output: tuple[int, ...] | None = None

    @property
    def place(self) -> str:
        """Which number is meant: ``weight[0, 1]``, or ``d output[2] / d weight[0, 1]``."""
        place = _indexed(self.wrt, self.index)
        return place if self.output is None else f"d {_indexed('output', self.output)} / d {place}"

    @property
    def reference(self) -> float | None:
        """The value that the layer's is held against: differences, else autograd."""
        return self.autograd if self.differences is None else self.differences

    @property
    def size(self) -> float:
        """Absolute disagreement; infinite where one side is missing."""
        if self.backward is None or self.reference is None:
            return float("inf")
        return abs(self.backward - self.reference)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "wrt": self.wrt,
            "index": list(self.index),
            "backward": self.backward,
            "differences": self.differences,
            "autograd": self.autograd,
            "bound": self.bound.to_dict(),
            "ulps": self.ulps,
            "output": None if self.output is None else list(self.output),
        }

    def __str__(self) -> str:
        values = {
            "backward": self.backward,
            "differences": self.differences,
            "autograd": self.autograd,
        }
        if self.wrt == "output":
            values = {"forward": self.backward, "oracle": self.autograd}
        said = ", ".join(f"{k} {v:.9g}" for k, v in values.items() if v is not None)
        return f"{self.place}: {said} (may differ by {self.bound.value:.3g}: {self.bound.reason})"


def _indexed(name: str, index: tuple[int, ...]) -> str:
    return f"{name}[{', '.join(map(str, index))}]" if index else name
