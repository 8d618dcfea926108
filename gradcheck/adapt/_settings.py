"""Settings: what a layer that knows fewer of them is asked for."""

from __future__ import annotations

from typing import Any

NEUTRAL: dict[str, Any] = {
    "stride": 1, "padding": 0, "dilation": 1, "groups": 1, "ceil_mode": False,
    "count_include_pad": True, "divisor_override": None, "output_padding": 0,
    "padding_mode": "zeros",
}  # fmt: skip
"""The value of a setting at which it says nothing."""


def square(key: str, value: Any, *, told: bool) -> Any:
    """Return one number for both axes; refuse what the layer cannot be told.

    >>> square("stride", (2, 2), told=True)
    2
    """
    pair = isinstance(value, (tuple, list))
    if pair and len(set(value)) > 1:
        raise ValueError(f"{key}={tuple(value)}: the layer takes one number for all axes")
    single = value[0] if pair and len(value) else value
    if not told and (key not in NEUTRAL or single != NEUTRAL[key]):
        raise ValueError(f"{key}={value!r}: the layer has no such setting; pin it with fixed=")
    return single


def is_square(facts: Any) -> bool:
    """Tell whether every setting and kernel of a case is the same along both axes."""
    shape = facts.get("weight_shape")
    kernels = [shape[2:]] if shape is not None else []
    pairs = [v for v in facts.values() if isinstance(v, (tuple, list)) and len(v) == 2]
    settings = [v for k, v in facts.items() if k in (*NEUTRAL, "kernel_size") and v in pairs]
    return all(len(set(pair)) <= 1 for pair in (*settings, *kernels))
