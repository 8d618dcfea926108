"""Type names that the layers share."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
"""Floating-point data: inputs, outputs, cotangents, gradients."""

Flags: TypeAlias = NDArray[np.bool_]
"""True or false for each entry."""

Indices: TypeAlias = NDArray[np.intp]
"""Positions and counts."""

IntOrTuple: TypeAlias = int | Sequence[int]
"""What a caller may write for one number on each axis: one int stands for all of them."""

Padding: TypeAlias = IntOrTuple | str | Sequence[tuple[int, int]]
"""A number for each axis, a name, or the places before and after each axis."""

Index: TypeAlias = tuple[EllipsisType | slice | int, ...]
"""An index of an array, axis by axis."""
