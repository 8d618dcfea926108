"""Settings: what a layer that knows fewer of them is asked for."""

from __future__ import annotations

from typing import Any


class Refusal(ValueError):  # noqa: N818 - names what it is
    """A config that a layer cannot be told: it is refused before any work, and counted."""


NEUTRAL: dict[str, Any] = {
    "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "ceil_mode": False,
    "count_include_pad": True, "divisor_override": None, "output_padding": 0,
    "padding_mode": "zeros", "negative_slope": 0.01, "alpha": 1.0, "training": True, "p": 0.5,
}  # fmt: skip
"""The value of a setting at which it says nothing, or which is usual where it is not said."""


def square(key: str, value: Any, *, told: bool) -> Any:
    """Return one number for both axes; refuse what the layer cannot be told.

    >>> square("stride", (2, 2), told=True)
    2
    """
    pair = isinstance(value, (tuple, list))
    if pair and len(set(value)) > 1:
        raise Refusal(f"{key}={tuple(value)}: the layer takes one number for all axes")
    single = value[0] if pair and len(value) else value
    if not told and (key not in NEUTRAL or single != NEUTRAL[key]):
        raise Refusal(f"{key}={value!r}: the layer has no such setting; pin it with fixed=")
    return single
