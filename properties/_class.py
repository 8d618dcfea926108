"""Class: one class of configurations, as what narrows a plan and what recognises a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


def everything(*_: Any) -> Any:
    """Hold of all."""
    return True


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class of configurations: a conjunction of demands on the parts of a case.

    Attributes
    ----------
    name : str
        What reports call it: ``"stride > kernel"``.
    facts : Mapping[str, callable]
        Demands on config keys and facts that are drawn from a few options, one by one.
    sizes : callable
        Demand on batch, channels and whatever else the plan calls a size.
    windows : callable
        Demand on two axes, rows and columns.
    depth : callable
        Demand on the axis before them.
    ranges : Mapping[str, Mapping[str, tuple of int]]
        Other ranges than the plan's, by part (``"sizes"``, ``"rows"``, ``"columns"``), for a class
        that lies outside them.
    """

    name: str
    facts: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    sizes: Callable[[Any], Any] = everything
    windows: Callable[[Any, Any], Any] = everything
    depth: Callable[[Any], Any] = everything
    ranges: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)


ANY = Class(name="any")
"""The target of no class in particular."""


def having(name: str, **facts: Any) -> Class:
    """Return the class of cases whose facts are these: ``having("no bias", bias=False)``."""
    return Class(name=name, facts=equal(**facts))


def equal(**facts: Any) -> dict[str, Callable[[Any], bool]]:
    """Return the demands that facts have these values."""
    return {key: _is(value) for key, value in facts.items()}


def _is(value: Any) -> Callable[[Any], bool]:
    return lambda fact: bool(fact == value)


DTYPES = (having("float64", dtype="float64"), having("float32", dtype="float32"))
"""Of every kind."""
