"""Type names that the layers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
"""Floating-point data: inputs, outputs, cotangents, gradients."""

Flags: TypeAlias = NDArray[np.bool_]
"""True or false for each entry."""

Indices: TypeAlias = NDArray[np.intp]
"""Positions and counts."""

Pair: TypeAlias = tuple[int, int]
"""One number for the rows, one for the columns."""

IntOrPair: TypeAlias = int | Sequence[int]
"""What a caller may write for a pair: one int stands for both axes."""
