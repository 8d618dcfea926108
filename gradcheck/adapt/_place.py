"""Places: where on an object an array is kept, ``"W"``, ``"params[W]"`` or ``"layers[0].W"``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

_STEP = re.compile(r"\.?(?P<name>\w+)|\[(?P<key>[^\]]+)\]")
_PLACE = re.compile(r"\w+(\.\w+|\[[^\]]+\])*")
DEPTH = 3
"""How far into dicts, lists and objects of one's own arrays are looked for."""


def read(holder: Any, place: str) -> Any:
    """Return what is kept at a place.

    >>> from types import SimpleNamespace
    >>> read(SimpleNamespace(grads={"W": [3]}), "grads[W][0]")
    3
    """
    for key, name in _steps(place):
        holder = holder[_key(key, holder)] if key else getattr(holder, name)
    return holder


def write(holder: Any, place: str, value: Any) -> None:
    """Keep a value at a place."""
    *path, (key, name) = _steps(place)
    for inner, attribute in path:
        holder = holder[_key(inner, holder)] if inner else getattr(holder, attribute)
    if key:
        holder[_key(key, holder)] = value
    else:
        setattr(holder, name, value)


def places(holder: Any) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Yield every array that an object keeps, with its place, shallow ones first."""
    level: list[tuple[str, Any]] = [(name, value) for name, value in _attributes(holder)]
    seen = {id(holder)}
    for _ in range(DEPTH):
        deeper: list[tuple[str, Any]] = []
        for place, value in level:
            if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                yield place, value
            elif id(value) not in seen:
                seen.add(id(value))
                deeper += _inside(place, value)
        level = deeper


def _inside(place: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(f"{place}[{key}]", v) for key, v in value.items() if isinstance(key, (str, int))]
    if isinstance(value, (list, tuple)):
        return [(f"{place}[{i}]", v) for i, v in enumerate(value[:9])]
    return [(f"{place}.{name}", v) for name, v in _attributes(value)]


def _attributes(holder: Any) -> list[tuple[str, Any]]:
    if isinstance(holder, type) or type(holder).__module__ in ("builtins", "numpy"):
        return []
    slots = [n for n in getattr(type(holder), "__slots__", ()) if hasattr(holder, n)]
    return [*getattr(holder, "__dict__", {}).items(), *((n, getattr(holder, n)) for n in slots)]


def _steps(place: str) -> list[tuple[str, str]]:
    if not _PLACE.fullmatch(place):
        raise ValueError(f"{place!r} is no place; write 'W', 'params[W]' or 'conv.W'")
    return [(m["key"] or "", m["name"] or "") for m in _STEP.finditer(place)]


def _key(key: str, holder: Any) -> Any:
    if isinstance(holder, dict) and key in holder:
        return key
    return int(key) if key.lstrip("-").isdigit() else key
