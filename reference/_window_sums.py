"""Sums of windows, and the adjoint map, one axis at a time.

A window is a box, so its sum is a sum of sums: along rows first, then of those along columns, with
kh + kw additions an output in place of kh kw. ``sums`` is linear in x, and ``spread`` is its
transpose: every window adds its value to each of its places on the image.
"""

from __future__ import annotations

import numpy as np

from ._geometry import Axis, Geometry
from ._spans import along, spans, steps
from ._types import Array


def sums(x: Array, geometry: Geometry) -> Array:
    """Return the sum of each window of ``x`` (N, C, ...), padding left out."""
    for number, axis in reversed([*steps(geometry)]):
        x = _sums(x, number, axis)
    return x


def spread(w: Array, geometry: Geometry) -> Array:
    """Return images on each place of which lies the sum of ``w`` over the windows that hold it."""
    for number, axis in steps(geometry):
        w = _spread(w, number, axis)
    return w


def _sums(x: Array, number: int, axis: Axis) -> Array:
    y = np.zeros(_resized(x, number, axis.out), x.dtype)
    for _, windows, places in spans(axis):
        y[along(number, windows)] += x[along(number, places)]
    return y


def _spread(w: Array, number: int, axis: Axis) -> Array:
    x = np.zeros(_resized(w, number, axis.size), w.dtype)
    # One entry of the kernel at a time: its places differ from window to window, so a plain +=
    # is safe.
    for _, windows, places in spans(axis):
        x[along(number, places)] += w[along(number, windows)]
    return x


def _resized(x: Array, number: int, size: int) -> tuple[int, ...]:
    return (*x.shape[: 2 + number], size, *x.shape[3 + number :])
