"""A layer: a differentiable map with a hand-written backward, in its normal form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import numpy.typing as npt

Array: TypeAlias = "npt.NDArray[Any]"
Inputs: TypeAlias = "Mapping[str, Array | None]"
Gradients: TypeAlias = "Mapping[str, Array | None]"
Pullback: TypeAlias = "Callable[[Array], Gradients]"


class Configured(Protocol):
    """A layer whose config is settled: a function of its named inputs alone."""

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        """Evaluate the layer and return its output with the pullback at that point.

        The pullback takes a cotangent of the output's shape and returns the gradient of each
        input by name; the entry of an absent input (``None``) is ``None`` or missing.
        """
        ...


@runtime_checkable
class Layer(Protocol):
    """What the checker checks: ``layer(config).pull(x=..., weight=...) -> (y, pullback)``."""

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        ...

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in the order in which the layer takes them."""
        ...

    def __call__(self, config: Mapping[str, Any], /) -> Configured:
        """Settle the config."""
        ...
