"""Drawn: a strategy made of small integers alone, with nothing of Hypothesis's between them.

A case is some eighteen small integers and a seed. Drawn by a strategy each, they cost two to three
times as much: Hypothesis keeps for each where it began and ended, to copy or delete it as a whole.
An integer is never copied or deleted, it only shrinks, and that it does in either way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

Below: TypeAlias = Callable[[int], int]
"""Draws an integer from 0, the simplest, up to its argument and without it."""


def drawn(build: Callable[[Below], T]) -> SearchStrategy[T]:
    """Return the strategy of what ``build`` makes of the integers that it asks for."""
    strategy: SearchStrategy[T] = _strategy()(build)
    return strategy


@cache
def _strategy() -> Any:
    """Return the class, which cannot stand here itself: Hypothesis is imported when asked for."""
    from hypothesis.strategies import SearchStrategy

    class Drawn(SearchStrategy[Any]):
        def __init__(self, build: Callable[[Below], Any]) -> None:
            super().__init__()
            self.build = build

        def do_draw(self, data: Any) -> Any:
            return self.build(lambda count: 0 if count == 1 else data.draw_integer(0, count - 1))

    return Drawn
