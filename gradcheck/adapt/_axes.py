"""Axes: an array whose axes have names, written with other axes.

``"NCHW"`` to ``"NHWC"`` permutes, to ``"CHW"`` drops an axis of extent one, and parentheses join
axes, as in a kernel that is kept as a matrix, ``"O(IHW)"``.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array

_GROUP = re.compile(r"\(([A-Z]+)\)|([A-Z1])")


@cache
def groups(axes: str) -> tuple[str, ...]:
    """Return the names that each axis holds; ``1`` is an axis of extent one.

    >>> groups("O(IHW)")
    ('O', 'IHW')
    """
    return tuple(joined or single for joined, single in _GROUP.findall(axes))


def fits(axes: str, ours: str, shape: tuple[int, ...]) -> bool:
    """Tell whether an array of our axes and this shape can be written with other axes."""
    names = "".join(groups(axes)).replace("1", "")
    extents = dict(zip(ours, shape, strict=True))
    return set(names) <= set(ours) and all(extents[a] == 1 for a in ours if a not in names)


def written(array: Array, ours: str, axes: str) -> Array:
    """Write an array of our axes with other axes.

    >>> written(np.ones((4, 3, 2, 2)), "OIHW", "O(IHW)").shape
    (4, 12)
    """
    extents = dict(zip(ours, array.shape, strict=True), **{"1": 1})
    names = "".join(groups(axes)).replace("1", "")
    if not fits(axes, ours, array.shape):
        raise ValueError(f"an array {ours} of shape {array.shape} cannot be written as {axes}")
    dropped = tuple(i for i, axis in enumerate(ours) if axis not in names)
    kept = [axis for axis in ours if axis in names]
    permuted = np.squeeze(array, dropped).transpose([kept.index(axis) for axis in names])
    return permuted.reshape([math.prod(extents[a] for a in group) for group in groups(axes)])


def read(array: Array, ours: str, axes: str, shape: tuple[int, ...] | None = None) -> Array:
    """Return our array from one with other axes; ``shape`` is ours, needed where axes are joined.

    >>> read(np.ones((4, 12)), "OIHW", "O(IHW)", (4, 3, 2, 2)).shape
    (4, 3, 2, 2)
    """
    held = groups(axes)
    names = [axis for group in held for axis in group if axis != "1"]
    if shape is None:
        found = dict(zip(held, array.shape, strict=True))
        shape = tuple(found.get(axis, 1) for axis in ours)
    extents = dict(zip(ours, shape, strict=True))
    apart = array.reshape([extents[axis] for axis in names])
    kept = [axis for axis in ours if axis in names]
    return apart.transpose([names.index(axis) for axis in kept]).reshape(shape)
