"""Checks of arrays, made before any work: each error gives the value, the reason and the fix."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ._types import Array

IMAGE = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""How the axes of an image are written, by their number."""


def as_int(layer: str, name: str, value: Any) -> int:
    """Return ``value`` as a Python int; raise ValueError if it is none."""
    try:
        return operator.index(value)
    except TypeError:
        raise ValueError(
            f"{layer}: {name}={value!r} is a {type(value).__name__}, and the layer counts in whole "
            f"numbers: give an int"
        ) from None


def as_axis(layer: str, name: str, value: Any, ndim: int) -> int:
    """Return an axis counted from the front; raise ValueError if the array has none such."""
    axis = as_int(layer, name, value)
    if not -ndim <= axis < ndim:
        raise ValueError(
            f"{layer}: {name}={axis} is no axis of an array with {ndim}: "
            f"give one from {-ndim} to {ndim - 1}"
        )
    return axis % ndim


def check_floating(layer: str, name: str, value: Any) -> None:
    """Raise ValueError unless ``value`` is an array of floating-point numbers."""
    if not isinstance(value, np.ndarray):
        raise ValueError(
            f"{layer}: {name} is a {type(value).__name__}, not a NumPy array: "
            f"write np.asarray({name}, dtype=np.float64)"
        )
    if value.dtype.kind != "f":
        raise ValueError(
            f"{layer}: {name} has dtype {value.dtype}, and no gradient is computed in it: "
            f"write {name}.astype(np.float64)"
        )
    if not value.dtype.isnative:
        raise ValueError(
            f"{layer}: {name} has dtype {value.dtype}, bytes in another order than this machine's, "
            f'and results come in its own: write {name}.astype({name}.dtype.newbyteorder("="))'
        )


def check_ndim(layer: str, name: str, value: Array, axes: tuple[str, ...]) -> None:
    """Raise ValueError unless ``value`` has one axis for each name in ``axes``."""
    if value.ndim != len(axes):
        raise ValueError(
            f"{layer}: {name} has shape {value.shape}, {value.ndim} axes; the layer takes "
            f"{len(axes)}, ({', '.join(axes)}): reshape {name}"
        )


def check_images(layer: str, x: Any, axes: int = 2) -> None:
    """Raise ValueError unless ``x`` holds images (N, C, ...), empty at most in its batch axis."""
    check_floating(layer, "x", x)
    check_ndim(layer, "x", x, ("N", "C", *IMAGE[axes]))
    if 0 in x.shape[1:]:
        raise ValueError(
            f"{layer}: x has shape {x.shape}, images without a single entry: only the batch axis "
            f"may be empty, so give every other axis at least 1"
        )


def check_same_dtype(layer: str, name: str, value: Array, x: Array) -> None:
    """Raise ValueError unless ``value`` has the dtype of ``x``."""
    if value.dtype != x.dtype:
        raise ValueError(
            f"{layer}: {name} has dtype {value.dtype}, x has {x.dtype}, and a mixture would be "
            f"promoted silently: write {name}.astype(x.dtype), or convert x"
        )


def check_cotangent(layer: str, dy: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Raise ValueError unless the cotangent has the shape and the dtype of the output."""
    check_floating(layer, "dy", dy)
    if dy.shape != shape:
        raise ValueError(
            f"{layer}: dy has shape {dy.shape}, the output had {shape}: hand over one number for "
            f"each entry of the output"
        )
    if dy.dtype != dtype:
        raise ValueError(
            f"{layer}: dy has dtype {dy.dtype}, the output had {dtype}, and the gradients keep "
            f"the latter: write dy.astype(np.{dtype})"
        )
