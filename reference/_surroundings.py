"""Surroundings: the padding of a convolution by number, by name, or for each side by itself.

``"valid"`` is none. ``"same"`` keeps the size at stride 1: ``d (k - 1)`` places along each axis,
half of them on either side; where that is odd, the far side has one more, as in torch.
"""

from __future__ import annotations

from typing import Any

from ._borders import Sides
from ._geometry import AXES, Geometry, as_tuple, place
from ._types import IntOrTuple, Padding


def surround(
    layer: str,
    size: tuple[int, ...],
    *,
    kernel_size: IntOrTuple,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Return the geometry of a kernel that slides over images of ``size`` and what is around them.

    Raises
    ------
    ValueError
        If a setting is out of range or no window fits.
    """
    n = len(size)
    kernel = as_tuple(layer, "kernel_size", kernel_size, n, at_least=1)
    strides = as_tuple(layer, "stride", stride, n, at_least=1)
    dilations = as_tuple(layer, "dilation", dilation, n, at_least=1)
    if isinstance(padding, str):
        sides = _named(layer, padding, kernel, strides, dilations)
    elif _has_pairs(padding):
        sides = _pairs(layer, padding, n)
    else:
        sides = tuple([(p, p) for p in as_tuple(layer, "padding", padding, n, at_least=0)])
    return place(layer, size, kernel, strides, sides, dilations, False)


def _named(
    layer: str,
    name: str,
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
) -> Sides:
    """Return the padding before and after each axis that a name stands for."""
    if name == "valid":
        return ((0, 0),) * len(kernel)
    if name != "same":
        raise ValueError(
            f"{layer}: padding={name!r} is no padding: give numbers, 'valid' or 'same'"
        )
    if max(strides) > 1:
        raise ValueError(
            f"{layer}: padding='same' keeps the size, and stride {strides} does not: "
            f"take stride 1, or give the padding in numbers"
        )
    totals = [d * (k - 1) for d, k in zip(dilations, kernel, strict=True)]
    return tuple([(total // 2, total - total // 2) for total in totals])


def _has_pairs(padding: Any) -> bool:
    sequence = isinstance(padding, (tuple, list))
    return sequence and any(isinstance(side, (tuple, list)) for side in padding)


def _pairs(layer: str, padding: Any, n: int) -> Sides:
    """Return the padding of each axis, given as places before and places after."""
    if len(padding) != n or any(not _is_pair(sides) for sides in padding):
        raise ValueError(
            f"{layer}: padding={padding!r} is not a pair for each of ({', '.join(AXES[n])}): "
            f"give the places before and after the image along each axis"
        )
    return tuple([_pair(layer, sides) for sides in padding])


def _is_pair(sides: Any) -> bool:
    return isinstance(sides, (tuple, list)) and len(sides) == 2


def _pair(layer: str, sides: Any) -> tuple[int, int]:
    before, after = as_tuple(layer, "padding", sides, 2, at_least=0)
    return before, after
