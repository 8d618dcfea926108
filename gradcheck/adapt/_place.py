"""Places: where on an object an array is kept, ``"W"``, ``"params[W]"`` or ``"conv.W"``."""

from __future__ import annotations

import re
from typing import Any

_PLACE = re.compile(r"(?P<path>[\w.]+?)(?:\[(?P<key>\w+)\])?")


def read(holder: Any, place: str) -> Any:
    """Return what is kept at a place.

    >>> from types import SimpleNamespace
    >>> read(SimpleNamespace(grads={"W": 3}), "grads[W]")
    3
    """
    *path, last = _steps(place)
    for step in path:
        holder = getattr(holder, step)
    return holder[_key(last, holder)] if isinstance(holder, (dict, list)) else getattr(holder, last)


def write(holder: Any, place: str, value: Any) -> None:
    """Keep a value at a place."""
    *path, last = _steps(place)
    for step in path:
        holder = getattr(holder, step)
    if isinstance(holder, (dict, list)):
        holder[_key(last, holder)] = value
    else:
        setattr(holder, last, value)


def _steps(place: str) -> list[str]:
    match = _PLACE.fullmatch(place)
    if match is None:
        raise ValueError(f"{place!r} is no place; write 'W', 'params[W]' or 'conv.W'")
    path = match["path"].split(".")
    return [*path, match["key"]] if match["key"] else path


def _key(last: str, holder: Any) -> Any:
    return int(last) if isinstance(holder, list) else last
