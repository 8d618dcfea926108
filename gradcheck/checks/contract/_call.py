"""Call: one forward with one backward, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck.alike import alike

if TYPE_CHECKING:
    from gradcheck.guard import Present
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial


@dataclass(frozen=True)
class Call:
    """Inputs and cotangent, output and gradients, and the pullback to be called again."""

    inputs: Inputs
    cotangent: Array
    output: Array
    gradients: dict[str, Array]
    pullback: Present

    @classmethod
    def of(cls, trial: Trial, inputs: Inputs, cotangent: Array) -> Call:
        """Call the layer, guarded."""
        output, pullback = trial.pull(inputs)
        return cls(inputs, cotangent, output, pullback(cotangent), pullback)

    @property
    def results(self) -> dict[str, Array]:
        """The output and the gradients by name."""
        return {"output": self.output, **self.gradients}

    def kept(self) -> dict[str, Array]:
        """Copy the results, for a layer that may write to them later."""
        return {name: array.copy() for name, array in self.results.items()}


def first_change(before: dict[str, Array], after: dict[str, Array]) -> str | None:
    """Return the first of some arrays, by name, that is not what it was."""
    return next((name for name, array in after.items() if not alike(array, before[name])), None)


def called(name: str) -> str:
    """Return what a report calls an array."""
    return "the output" if name == "output" else f"the gradient for {name}"
