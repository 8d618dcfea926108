"""Draft: a plan narrowed to one class and the pins, ready to be drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.case import DTYPES, Case
from gradcheck.config import Config
from gradcheck.spec import Contradiction

from ._axis import COLUMNS, LONE, PARTS, axis_table
from ._drawn import drawn
from ._pins import Pins, sort
from ._table import Row, Table

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ._class import Class
    from ._drawn import Below
    from ._plan import Plan

ENTRIES = 600
"""Entries of inputs and output together, which a case keeps to where its class lets it."""

SEEDS = 2**32
"""Seeds of a case's data."""


@dataclass(frozen=True)
class Draft:
    """What is left of a plan: options of the facts, rows of sizes, rows of each axis."""

    plan: Plan
    wanted: Class
    facts: dict[str, list[Any]]
    sizes: Table
    axes: tuple[Table, Table, Table] | None

    @classmethod
    def of(cls, plan: Plan, wanted: Class, fixed: Config) -> Draft:
        """Narrow a plan.

        Raises
        ------
        gradcheck.spec.Contradiction
            If a part has nothing left.
        """
        pins = sort(plan, fixed)
        facts = {name: _options(plan, wanted, pins, name) for name in plan.facts}
        sizes, axes = _sizes(plan, wanted, pins), _axes(plan, wanted, pins)
        empty = [name for name, options in facts.items() if not options]
        empty += ["sizes"] * (len(sizes) == 0)
        empty += ["windows"] * (axes is not None and min(len(axes[0]), len(axes[1])) == 0)
        if empty:
            pinned = f" with {fixed} fixed" if fixed else ""
            raise Contradiction(
                f"{plan.spec} has no case of class {wanted.name!r}{pinned}: "
                f"no choice of {empty[0]} is left"
            )
        return cls(plan, wanted, facts, sizes, axes)

    def strategy(self) -> SearchStrategy[Case]:
        """Return the strategy of the cases."""
        return drawn(self.draw)

    def draw(self, below: Below) -> Case:
        """Draw windows, then sizes that leave the case small, then facts and the seed."""
        axes = (None, None) if self.axes is None else self._windows(below, *self.axes)
        sizes = self.sizes.choice(self._roomy(axes)).draw(below)
        facts = {name: options[below(len(options))] for name, options in self.facts.items()}
        shapes: dict[str, Any] = dict(self.plan.shapes(sizes, *axes))
        if self.plan.output is not None:
            shapes["output"] = self.plan.output(sizes, facts)
        if not facts.get("bias", True):
            shapes["bias"] = None
        return Case(
            config=Config({k: self._setting(k, sizes, axes, facts) for k in self.plan.config}),
            shapes=shapes,
            dtype=facts["dtype"],
            data=facts["data"],
            seed=below(SEEDS),
        )

    def _windows(self, below: Below, depth: Table, rows: Table, columns: Table) -> tuple[Row, ...]:
        """Draw the rows' axis from those that have a partner, then a partner, then the depth."""
        high = rows.choice().draw(below)
        wide = columns.choice(_match(self.wanted, high, columns)).draw(below)
        deep = depth.choice(depth.ceil == high.ceil).draw(below)
        return (deep, high, wide)[len(PARTS) - self.plan.axes :]

    def _roomy(self, axes: tuple[Any, ...]) -> Any:
        """Tell the sizes that keep within the entries, or the smallest that there are."""
        if self.axes is None:
            return True
        shapes = self.plan.shapes(self.sizes, *axes)
        entries = np.broadcast_to(sum(map(prod, shapes.values())), len(self.sizes))
        return entries <= max(ENTRIES, entries.min())

    def _setting(self, key: str, sizes: Row, axes: tuple[Any, ...], facts: dict[str, Any]) -> Any:
        if key in self.plan.derived:
            return self.plan.derived[key](sizes, facts)
        if key in facts:
            return facts[key]
        if hasattr(sizes, key):
            return getattr(sizes, key)
        if key == "ceil_mode":
            return bool(axes[0].ceil)
        return tuple([getattr(axis, COLUMNS[key]) for axis in axes])


def _options(plan: Plan, wanted: Class, pins: Pins, name: str) -> list[Any]:
    options = plan.facts[name]
    if name in pins.facts:
        pin = pins.facts[name]
        may = {"dtype": DTYPES.__contains__, **plan.open_facts}.get(name)
        unseen = may is not None and may(pin)
        options = (pin,) if unseen else tuple(option for option in options if option == pin)
    demand = wanted.facts.get(name)
    return [option for option in options if demand is None or demand(option)]


def _sizes(plan: Plan, wanted: Class, pins: Pins) -> Table:
    ranges = {**plan.sizes, **wanted.ranges.get("sizes", {}), **pins.sizes}
    table = Table.product(ranges)
    table = table.where(plan.coherent(table))
    return table.where(wanted.sizes(table))


def _axes(plan: Plan, wanted: Class, pins: Pins) -> tuple[Table, Table, Table] | None:
    """Return the axes; of the rows' only those that some columns' axis goes with."""
    if plan.axis is None:
        return None
    depth, rows, columns = (_axis(plan, wanted, pins, part) for part in PARTS)
    shape = len(rows), len(columns)
    matches = np.broadcast_to(_match(wanted, rows.beside(), columns), shape)
    return depth.where(wanted.depth(depth)), rows.where(matches.any(axis=1)), columns


def _axis(plan: Plan, wanted: Class, pins: Pins, part: str) -> Table:
    """Return the ways that one axis may take; an axis that the plan has not has one."""
    ranges = {**(plan.axis or {}), **wanted.ranges.get(part, {}), **pins.axes[part]}
    return axis_table(ranges if part in plan.parts else {**ranges, **LONE}, plan.allowed)


def _match(wanted: Class, rows: Any, columns: Any) -> Any:
    """Whether two axes go together: one ``ceil_mode``, and what the class demands."""
    return (rows.ceil == columns.ceil) & wanted.windows(rows, columns)
