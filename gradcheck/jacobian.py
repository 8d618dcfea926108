"""Jacobian: the whole of it at one point, from differences of the forward alone.

With respect to each input a sparse block: its pattern from the geometry of the spec or else from
probing, its entries from coloured columns, and a residual along random lines that would show an
entry outside the pattern. On the lattice every entry is exact; elsewhere it has a bar. The matrix
is never dense: what is held are the entries of the pattern, within the budget of `pattern.ENTRIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import columns, residual
from gradcheck.bounds import smallest
from gradcheck.lattice import as_floats
from gradcheck.pattern import Pattern, probed

if TYPE_CHECKING:
    from gradcheck.block import Block
    from gradcheck.lattice import Lattice
    from gradcheck.layer import Array, Inputs
    from gradcheck.spec import Multilinear
    from gradcheck.trial import Trial

    Forward = Callable[[Array], Array]


@dataclass(frozen=True)
class Jacobian:
    """A layer's derivative at a point.

    Attributes
    ----------
    blocks : Mapping[str, Block]
        Entries by the input that they are with respect to.
    inputs : Mapping[str, Array or None]
        The point, in the case's dtype.
    miss : float or None
        Probability at most with which an entry outside the pattern went unseen; None where the
        entries have bars.
    """

    blocks: Mapping[str, Block]
    inputs: Inputs
    miss: float | None = None

    @property
    def exact(self) -> bool:
        """True if no entry has a bar."""
        return all(block.bars is None for block in self.blocks.values())


def on_lattice(
    trial: Trial, lattice: Lattice, form: Multilinear, names: tuple[str, ...] = ()
) -> Jacobian:
    """Return the Jacobian at a point of the lattice, exact wherever nothing rounds.

    Parameters
    ----------
    trial : Trial
        The layer and its case.
    lattice : Lattice
        The point.
    form : Multilinear
        What the spec says of the map.
    names : tuple of str, optional
        Inputs; all present ones by default.

    Raises
    ------
    NotOfDegree
        If the forward is not affine in an input.
    Uncovered
        If an entry lies outside a pattern that was probed.
    TooLarge
        If a pattern is beyond the budget.
    """
    dtype = trial.case.dtype
    inputs = {n: lattice.at(0, dtype).get(n) for n in trial.layer.inputs}
    blocks, misses = {}, []
    for name in names or tuple(lattice.point):
        forward = _forward(trial, inputs, name)
        x = as_floats(lattice.point[name], lattice.exponents[name], dtype)
        move = lattice.reach[name] * lattice.step * 2.0 ** lattice.exponents[name]

        def settle(
            pattern: Pattern, name: str = name, forward: Forward = forward
        ) -> tuple[Block, float | None]:
            try:
                block = columns.on_lattice(forward, lattice, name, pattern, dtype)
            except columns.OffLattice:
                block = columns.rounded(forward, lattice, name, pattern, trial.case, form)
            rng = trial.rng(f"residual {name}")
            return block, residual.on_lattice(forward, lattice, name, block, dtype, rng)

        blocks[name], miss = _trusted(trial, name, forward, x, x + move, settle)
        misses.append(miss)
    return Jacobian(blocks, inputs, _worst(misses))


def at_point(
    trial: Trial, names: tuple[str, ...] = (), *, turn: int = 0, inputs: Inputs | None = None
) -> Jacobian:
    """Return the Jacobian at the case's full-mantissa point, with certified bars, in float64.

    Parameters
    ----------
    trial : Trial
        The layer and its case.
    names : tuple of str, optional
        Inputs; all present ones by default.
    turn : int
        Directions are drawn anew for each turn.
    inputs : Mapping, optional
        Another point, of the same shapes.

    Raises
    ------
    Uncovered, TooLarge
        As `on_lattice`.
    """
    point = trial.point.inputs if inputs is None else inputs
    wide = {n: None if a is None else a.astype(np.float64) for n, a in point.items()}
    blocks = {}
    for name in names or trial.inputs:
        forward, x = _forward(trial, wide, name), wide[name]
        assert x is not None  # only present inputs are differentiated
        tangents = [_tangent(trial, name, f"{turn} {role}") for role in ("columns", "line")]

        def settle(
            pattern: Pattern, name: str = name, forward: Forward = forward, x: Array = x,
            tangents: list[Array] = tangents,
        ) -> tuple[Block, None]:  # fmt: skip
            block = columns.certified(forward, x, tangents[0], pattern, trial.precision)
            residual.certified(forward, x, tangents[1], name, block, trial.precision)
            return block, None

        blocks[name], _ = _trusted(trial, name, forward, x, x + tangents[0], settle)
    return Jacobian(blocks, point)


def _trusted(
    trial: Trial,
    name: str,
    forward: Forward,
    x: Array,
    moved: Array,
    settle: Callable[[Pattern], tuple[Block, float | None]],
) -> tuple[Block, float | None]:
    """Fill the spec's pattern; where the residual finds it wanting, the one that probing finds."""
    offered = geometry(trial, name, x.size)
    if offered is not None:
        try:
            return settle(offered)
        except residual.Uncovered:
            pass  # this forward is not of the spec's geometry
    return settle(probed(forward, x, moved))


def geometry(trial: Trial, name: str, entries: int) -> Pattern | None:
    """Return the pattern that the spec knows of, or None."""
    spec, shapes = trial.spec, trial.case.shapes
    if spec is None or spec.pattern is None or shapes.get("output") is None:
        return None
    rows, places = spec.pattern(trial.case)[name]
    outputs = int(np.prod(trial.case.shape("output")))
    return Pattern.of((outputs, entries), rows, places, "geometry")


def _forward(trial: Trial, inputs: Inputs, name: str) -> Forward:
    return lambda array: trial.pull({**inputs, name: array})[0]


def _tangent(trial: Trial, name: str, label: str) -> Array:
    """Draw how far each entry may move: half to all of its reach, either way."""
    reach, rng = trial.point.reach[name], trial.rng(f"jacobian {name} {label}")
    size = rng.uniform(0.5, 1.0, reach.shape) * np.maximum(reach, smallest("float32"))
    return rng.choice([-1.0, 1.0], reach.shape) * size


def _worst(misses: list[float | None]) -> float | None:
    known = [miss for miss in misses if miss is not None]
    return max(known) if len(known) == len(misses) and known else None
