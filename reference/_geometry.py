"""Geometry: where the windows of a kernel lie on an image, and how many fit.

On each axis, with size n, kernel k, stride s, padding p and dilation d, window o covers the
positions ``o s - p + i d``, i = 0 .. k - 1. It reaches over ``r = d (k - 1) + 1`` positions, and

    out = floor((n + 2p - r) / s) + 1

windows fit (Dumoulin & Visin, A guide to convolution arithmetic, relationship 15). With
``ceil_mode`` the division rounds up, so that the last window may hang over the far edge; a window
that would start past the image, in the far padding, is dropped.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ._checks import as_int
from ._types import IntOrPair, Pair


class Geometry(NamedTuple):
    """The windows on one image: a pair (rows, columns) in every field.

    Attributes
    ----------
    size : pair
        Height and width of the image.
    kernel, stride, padding, dilation : pair
        As above.
    out : pair
        Number of windows.
    reach : pair
        Number of positions from a window's first to its last, both included.
    """

    size: Pair
    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    out: Pair
    reach: Pair


def slide(
    layer: str,
    size: tuple[int, ...],
    *,
    kernel_size: IntOrPair,
    stride: IntOrPair,
    padding: IntOrPair,
    dilation: IntOrPair = 1,
    ceil_mode: bool = False,
) -> Geometry:
    """Return the geometry of a kernel that slides over images of ``size``.

    Raises
    ------
    ValueError
        If a setting is out of range or no window fits.
    """
    if min(size) < 1:
        raise ValueError(
            f"{layer}: x has {size[0]} rows and {size[1]} columns, not a single pixel: only the "
            f"batch axis may be empty, so give the others at least 1"
        )
    kernel = as_pair(layer, "kernel_size", kernel_size, at_least=1)
    strides = as_pair(layer, "stride", stride, at_least=1)
    paddings = as_pair(layer, "padding", padding, at_least=0)
    dilations = as_pair(layer, "dilation", dilation, at_least=1)
    reach = (dilations[0] * (kernel[0] - 1) + 1, dilations[1] * (kernel[1] - 1) + 1)
    height, width = (
        _count(layer, axis, size[axis], reach[axis], strides[axis], paddings[axis], ceil_mode)
        for axis in (0, 1)
    )
    return Geometry(
        (size[0], size[1]), kernel, strides, paddings, dilations, (height, width), reach
    )


def check_pool_padding(layer: str, geometry: Geometry) -> None:
    """Raise ValueError unless the padding is at most half of the kernel, torch's rule for pools."""
    half = geometry.kernel[0] // 2, geometry.kernel[1] // 2
    if geometry.padding[0] > half[0] or geometry.padding[1] > half[1]:
        raise ValueError(
            f"{layer}: padding {geometry.padding} is more than half of the kernel "
            f"{geometry.kernel}, so a window could hold nothing but padding: take at most {half}"
        )


def as_pair(layer: str, name: str, value: Any, *, at_least: int) -> Pair:
    """Return ``value``, an int or a pair of them, as a pair.

    Raises
    ------
    ValueError
        If it is neither, or a number is below ``at_least``.
    """
    both = value if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2:
        raise ValueError(
            f"{layer}: {name}={value!r} has length {len(both)}, and an image has two axes: "
            f"give an int, or a pair (rows, columns)"
        )
    pair = as_int(layer, name, both[0]), as_int(layer, name, both[1])
    if min(pair) < at_least:
        raise ValueError(
            f"{layer}: {name}={value!r} is below {at_least}: take {name} of {at_least} or more"
        )
    return pair


def _count(
    layer: str, axis: int, size: int, reach: int, stride: int, padding: int, ceil_mode: bool
) -> int:
    """Return the number of windows along one axis, by the formula above."""
    spare = size + 2 * padding - reach
    out = (spare + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (out - 1) * stride >= size + padding:
        out -= 1  # it would start past the image
    if out < 1:
        raise ValueError(
            f"{layer}: a window reaches over {reach} {('rows', 'columns')[axis]}, the image has "
            f"{size} and padding {padding} on either side, {size + 2 * padding} in all, so none "
            f"fits: take more padding, less dilation or a smaller kernel"
        )
    return out
