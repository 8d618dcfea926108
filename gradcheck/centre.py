"""Centre: a layer at a point of the lattice, evaluated once and asked by several checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from gradcheck.guard import Present
    from gradcheck.lattice import Lattice
    from gradcheck.layer import Array, Inputs

    Pull: TypeAlias = Callable[[Inputs], tuple[Array, Present]]


@dataclass(frozen=True)
class Centre:
    """What the layer says at the lattice's point and of its cotangent.

    Attributes
    ----------
    lattice : Lattice
        Point, tangent and cotangent.
    inputs : Mapping[str, Array]
        The point, in the layer's dtype.
    output : Array
        The output at the point.
    pullback : callable
        The pullback there.
    gradients : Mapping[str, Array]
        What it answers to the cotangent.
    """

    lattice: Lattice
    inputs: Mapping[str, Array]
    output: Array
    pullback: Present
    gradients: Mapping[str, Array]

    @classmethod
    def of(cls, pull: Pull, lattice: Lattice, dtype: str) -> Centre:
        """Evaluate the layer at the point."""
        inputs = lattice.at(0, dtype)
        output, pullback = pull(inputs)
        return cls(lattice, inputs, output, pullback, pullback(lattice.floats(dtype)))
