"""Plan: what the cases of a kind of layer are drawn from, narrowed by a class and by pins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from gradcheck.config import Config
from gradcheck.spec import ConfigClass

from ._axis import PARTS, axes_of
from ._class import ANY, Class, everything

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.case import Case

    from ._table import Row

    Shapes = dict[str, tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything that a case of a kind of layer may be.

    Attributes
    ----------
    spec : str
        Name of the kind.
    config : tuple of str
        Config keys; each is a number for each axis, ``ceil_mode``, a size, a fact or derived.
    facts : Mapping[str, tuple]
        Options of each fact that is drawn by itself, the simplest first.
    open_facts : Mapping[str, callable]
        Facts that may be pinned outside their options: to which values.
    sizes : Mapping[str, tuple of int]
        Values of batch, channels, ...
    coherent : callable
        Which rows of the sizes make sense.
    derived : Mapping[str, callable]
        Config keys that follow from sizes and facts.
    axis : Mapping[str, tuple of int], optional
        Values of an axis' columns, where windows slide over an image.
    axes : int
        Number of the image's axes.
    allowed : callable
        Which axes the kind of layer takes.
    shapes : callable
        ``shapes(sizes, *axes)`` gives the shape of each input and of the output.
    output : callable, optional
        ``output(sizes, facts)`` gives the output's shape, where that follows from a fact.
    read : callable
        From a case to its sizes.
    classes : tuple of Class
        The classes to be covered.
    """

    spec: str
    config: tuple[str, ...] = ()
    facts: Mapping[str, tuple[Any, ...]]
    open_facts: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    sizes: Mapping[str, tuple[int, ...]]
    coherent: Callable[[Any], Any] = everything
    derived: Mapping[str, Callable[[Row, dict[str, Any]], Any]] = field(default_factory=dict)
    axis: Mapping[str, tuple[int, ...]] | None = None
    axes: int = 2
    allowed: Callable[[Any], Any] = everything
    shapes: Callable[..., Shapes]
    output: Callable[[Row, dict[str, Any]], tuple[int, ...]] | None = None
    read: Callable[[Case], Row]
    classes: tuple[Class, ...]

    def cases(self, target: str, fixed: Mapping[str, Any]) -> SearchStrategy[Case]:
        """Return a strategy of cases of the class ``target`` with ``fixed`` pinned.

        Raises
        ------
        gradcheck.spec.Contradiction
            If there is no such case.
        ValueError
            If there is no such class, or nothing of that name to pin.
        """
        return _strategy(self, target, Config(fixed), repr(dict(fixed)))

    def config_classes(self) -> tuple[ConfigClass, ...]:
        """Return the classes in the form that a spec holds."""
        return tuple(ConfigClass(c.name, partial(self.holds, c)) for c in self.classes)

    def find(self, target: str) -> Class:
        """Return the class of that name; ``"any"`` is always one."""
        for known in (ANY, *self.classes):
            if known.name == target:
                return known
        names = ", ".join(repr(c.name) for c in self.classes)
        raise ValueError(f"{self.spec} has no class {target!r}; its classes are {names}")

    def holds(self, wanted: Class, case: Case) -> bool:
        """Whether a case, however it was come by, is of the class."""
        facts, sizes, (depth, *plane) = _reading(self, case)
        for key, demand in wanted.facts.items():
            if key not in facts or not demand(facts[key]):
                return False
        windows = not plane or (wanted.windows(*plane) and wanted.depth(depth))
        return bool(windows and wanted.sizes(sizes))

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the image's axes."""
        return PARTS[len(PARTS) - self.axes :]


# A case is asked about every class of its kind, in a row.
@lru_cache(maxsize=1)
def _reading(plan: Plan, case: Case) -> tuple[dict[str, Any], Row, tuple[Row | None, ...]]:
    """Return a case's facts, its sizes, and its axes where the plan has any."""
    axes = (None,) if plan.axis is None else axes_of(case)
    return case.facts, plan.read(case), axes


# `spelled` keeps 1 and 1.0 apart, which are equal but not both an int. There is room for every
# class of every plan, of which there are over a thousand.
@lru_cache(maxsize=4096)
def _strategy(plan: Plan, target: str, fixed: Config, spelled: str) -> SearchStrategy[Case]:
    from ._draft import Draft

    return Draft.of(plan, plan.find(target), fixed).strategy()
