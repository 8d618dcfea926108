"""Places: gather from planes by index, and scatter to them.

A plane is one channel of one image, laid out flat: place ``r W + c`` of (H, W). Scattering adds, so
that a place that is named twice has both values, and is the adjoint of gathering.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ._types import Array, Indices


def scatter(values: Array, places: Indices, size: tuple[int, ...]) -> Array:
    """Return planes of ``size`` (N, C, ...) with each value added at its place."""
    planes = np.zeros((*values.shape[:2], *size), values.dtype)
    np.add.at(planes.reshape(-1), _flat(places, size).reshape(-1), values.reshape(-1))
    return planes


def put(values: Any, places: Indices, size: tuple[int, ...]) -> Any:
    """Return planes of ``size`` (N, C, ...) with each value at its place; the last one stays."""
    planes = np.zeros((*values.shape[:2], *size), values.dtype)
    planes.reshape(-1)[_flat(places, size).reshape(-1)] = values.reshape(-1)
    return planes


def gather(planes: Any, places: Indices) -> Any:
    """Return the entry of ``planes`` (N, C, ...) at each place."""
    return planes.reshape(-1)[_flat(places, planes.shape[2:])]


def _flat(places: Indices, size: tuple[int, ...]) -> Indices:
    """Count places on from plane to plane."""
    first = np.arange(prod(places.shape[:2])) * prod(size)
    flat: Indices = places + first.reshape(places.shape[:2] + (1,) * (places.ndim - 2))
    return flat
