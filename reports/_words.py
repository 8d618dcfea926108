"""Numbers and counts as a reader wants them: short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def short(value: float) -> str:
    """Write a number with two digits.

    >>> short(8.8817e-16), short(9.5e-7), short(0.0), short(200.0)
    ('8.9e-16', '9.5e-7', '0', '200')
    """
    plain = f"{value:.2g}"
    if "e+" in plain and abs(value) < 10_000:
        return f"{value:.0f}"
    return plain.replace("e-0", "e-").replace("e+0", "e+")


def exact(value: float | None) -> str:
    """Write a value of an entry so that two which differ look different."""
    return "not had" if value is None else repr(float(value))


def count(number: int, noun: str, plural: str = "") -> str:
    """Count a noun.

    >>> count(1, "case"), count(3, "class", "classes")
    ('1 case', '3 classes')
    """
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Write a time.

    >>> duration(2.13), duration(75)
    ('2.1 s', '1 min 15 s')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def shape(extents: Iterable[int] | None) -> str:
    """Write a shape.

    >>> shape((2, 3, 8)), shape(()), shape(None)
    ('2x3x8', 'scalar', 'none')
    """
    return "none" if extents is None else "x".join(map(str, extents)) or "scalar"


def settings(items: Mapping[str, Any]) -> str:
    """Write settings as ``key=value`` with tuples like shapes."""
    written = (f"{k}={shape(v) if isinstance(v, tuple) and v else v}" for k, v in items.items())
    return " ".join(written)
