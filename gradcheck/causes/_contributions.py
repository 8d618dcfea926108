"""Contributions: several outputs share an entry, and one overwrites the others.

What the channels of one output position contribute belongs together: it is one product in the
code, and `=` in place of `+=` keeps that of the last position, or of the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.causes._scene import Hypothesis

if TYPE_CHECKING:
    from gradcheck.causes._scene import Scene
    from gradcheck.layer import Array

SPATIAL = 2
"""Axes before those of an image: samples and channels."""


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Yield the gradient in which the last, or the first, contribution to an entry is kept."""
    block, u = scene.block, scene.cotangent
    if u.ndim <= SPATIAL or not block.pattern.size:
        return
    columns, position = block.pattern.columns, _positions(u)[block.pattern.rows]
    products = u.ravel()[block.pattern.rows] * block.values
    _, slack = scene.truth()
    for text, order in (("last", 1), ("first", -1)):
        kept = _keep(columns, position * order, products, block.pattern.shape[1])
        yield Hypothesis(
            f"where windows overlap the {text} one overwrites the others: = in place of +=",
            kept.reshape(scene.backward.shape), slack,
        )  # fmt: skip


def _positions(u: Array) -> Array:
    """Return the number of each output's position, row by row, whatever its sample and channel."""
    count = int(np.prod(u.shape[SPATIAL:]))
    return np.tile(np.arange(count), u.size // max(count, 1))


def _keep(columns: Array, position: Array, products: Array, size: int) -> Array:
    """Sum the products of each column that come from its largest position."""
    largest = np.full(size, np.iinfo(np.int64).min)
    contributes = products != 0
    np.maximum.at(largest, columns[contributes], position[contributes])
    return np.bincount(columns, np.where(position == largest[columns], products, 0.0), size)
