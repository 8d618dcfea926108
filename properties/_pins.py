"""Pins: the config keys and facts that a caller fixed, sorted by the part of a plan they bind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ._axis import COLUMNS, PARTS

if TYPE_CHECKING:
    from ._plan import Plan

Ranges = dict[str, tuple[int, ...]]

LEAST = {"padding": 0, "output_padding": 0}
"""Smallest value of a setting of the axes, where that is not 1."""


@dataclass(frozen=True)
class Pins:
    """What is fixed: ranges of one value, and facts."""

    axes: dict[str, Ranges] = field(default_factory=lambda: {part: {} for part in PARTS})
    sizes: Ranges = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def sort(plan: Plan, fixed: Mapping[str, Any]) -> Pins:
    """Return what is fixed, by part.

    Raises
    ------
    ValueError
        If a key is not one that the plan draws, or a value is not of its kind.
    """
    pins = Pins()
    for key, value in fixed.items():
        if key in plan.facts:
            pins.facts[key] = value
        elif key in plan.sizes:
            pins.sizes[key] = (_integer(plan, key, value, min(1, *plan.sizes[key])),)
        elif plan.axis is not None and key == "ceil_mode" and key in plan.config:
            for part in PARTS:
                pins.axes[part]["ceil"] = (int(bool(value)),)
        elif plan.axis is not None and key in COLUMNS and key in plan.config:
            for part, number in zip(plan.parts, _each(plan, key, value), strict=True):
                pins.axes[part][COLUMNS[key]] = (number,)
        else:
            known = sorted({*plan.config, *plan.facts, *plan.sizes} - {*plan.derived})
            raise ValueError(f"{plan.spec}: cannot fix {key!r}; what can be fixed is {known}")
    return pins


def _each(plan: Plan, key: str, value: Any) -> list[int]:
    """Return the setting's number for each axis."""
    numbers = value if isinstance(value, (tuple, list)) else (value,) * plan.axes
    if len(numbers) != plan.axes:
        several = {1: "a tuple of one", 2: "a pair of them", 3: "three of them"}[plan.axes]
        raise ValueError(f"{plan.spec}: {key}={value!r} is neither an int nor {several}")
    return [_integer(plan, key, number, LEAST.get(key, 1)) for number in numbers]


def _integer(plan: Plan, key: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{plan.spec}: {key}={value!r} is not an int of {least} or more")
    return value
