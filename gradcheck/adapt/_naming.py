"""Naming: the names under which public code keeps what a spec calls x, weight, bias, stride."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORWARD = ("forward", "forward_pass", "feed_forward", "fprop", "forward_propagation", "__call__")
BACKWARD = ("backward", "backward_pass", "backprop", "bprop", "backward_propagation", "back")
ARRAYS = {
    "weight": ("weight", "W", "w", "weights", "kernel", "kernels", "filters"),
    "bias": ("bias", "b", "biases"),
}
SETTINGS = {
    "stride": ("stride", "strides"),
    "padding": ("padding", "pad"),
    "dilation": ("dilation",),
    "groups": ("groups",),
    "kernel_size": ("kernel_size", "filter_size", "pool_size"),
}
SIZES = {
    "fan_in": ("in_channels", "in_features", "n_in", "in_dim", "input_size", "input_dim"),
    "fan_out": ("out_channels", "out_features", "n_out", "out_dim", "output_size", "output_dim"),
}
DICTS = ("params", "grads", "gradients")


def meaning(name: str, table: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return what a name means in a table.

    >>> meaning("pad", SETTINGS), meaning("eta", SETTINGS)
    ('padding', None)
    """
    return next((what for what, names in table.items() if name in names), None)


def place_of(holder: Any, what: str, *, gradient: bool) -> str | None:
    """Return where an object keeps a parameter or its gradient, in an attribute or a dict."""
    names = ARRAYS.get(what, (what,))
    if gradient:
        forms = ("d{}", "d_{}", "grad_{}", "{}_grad", "{}_gradient", "{}.grad")
        attributes = [form.format(name) for name in names for form in forms]
    else:
        attributes = list(names)
    for place in attributes:
        if _has(holder, place):
            return place
    keys = [*attributes, *names]
    held = [name for name in DICTS if isinstance(getattr(holder, name, None), dict)]
    usual = [name for name in held if (name != "params") == gradient]
    return next((f"{d}[{key}]" for d in usual for key in keys if key in getattr(holder, d)), None)


def _has(holder: Any, place: str) -> bool:
    for step in place.split("."):
        holder = getattr(holder, step, None)
    return holder is not None
