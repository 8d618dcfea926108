"""Adaptive windows: as many as are asked for, which together cover an image.

Along one axis of n places, window o of ``out`` holds

    floor(o n / out) ... ceil((o + 1) n / out) - 1.

Neighbours share a place where ``out`` does not divide n, no place is left out, and with more
windows than places a place fills several (He et al., Spatial pyramid pooling, 2015, section 3.2;
``torch.nn.AdaptiveAvgPool2d``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ._checks import as_int, check_images
from ._types import Array, Indices

Windows = tuple[slice, ...]
"""The places of each window along one axis."""


def fit(layer: str, x: Array, output_size: Any, axes: int) -> tuple[Windows, ...]:
    """Return the windows along each axis of images (N, C, ...) with ``axes`` axes.

    ``output_size`` is a number for all axes, or one for each; None keeps an axis as it is.

    Raises
    ------
    ValueError
        If shape, dtype or sizes do not fit.
    """
    check_images(layer, x, axes)
    each = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * axes
    if len(each) != axes:
        raise ValueError(
            f"{layer}: output_size={output_size!r} has length {len(each)}, and an image has "
            f"{axes} {'axis' if axes == 1 else 'axes'}: give an int, or one for each"
        )
    wanted = zip(each, x.shape[2:], strict=True)
    return tuple([spread_out(size, _count(layer, out, size)) for out, size in wanted])


def lengths(windows: Windows) -> Indices:
    """Return how many places each window holds."""
    return np.array([window.stop - window.start for window in windows])


def one(place: int) -> slice:
    """Return the slice of one place."""
    return slice(place, place + 1)


def _count(layer: str, out: Any, size: int) -> int:
    number = size if out is None else as_int(layer, "output_size", out)
    if number < 1:
        raise ValueError(f"{layer}: output_size has {number}: take at least 1 window on each axis")
    return number


@lru_cache(maxsize=1024)
def spread_out(size: int, out: int) -> Windows:
    """Return ``out`` windows along an axis of ``size`` places."""
    return tuple([slice(o * size // out, -(-(o + 1) * size // out)) for o in range(out)])
