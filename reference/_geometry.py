"""Geometry: where the windows of a kernel lie on an image, and how many fit.

On each axis, with size n, kernel k, stride s, dilation d and padding p before and p' after the
image, window o covers the positions ``o s - p + i d``, i = 0 .. k - 1. It reaches over
``r = d (k - 1) + 1`` positions, and

    out = floor((n + p + p' - r) / s) + 1

windows fit (Dumoulin & Visin, A guide to convolution arithmetic, relationship 15). With
``ceil_mode`` the division rounds up, so that the last window may hang over the far edge; a window
that would start past the image, in the far padding, is dropped.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from operator import index
from typing import Any, NamedTuple

import numpy as np

from ._checks import as_int
from ._types import Indices, IntOrTuple

AXES = {1: ("positions",), 2: ("rows", "columns"), 3: ("planes", "rows", "columns")}
"""What the axes of an image are called, by their number."""


class _Axis(NamedTuple):
    size: int
    kernel: int
    stride: int
    before: int
    after: int
    dilation: int
    out: int
    reach: int


class Axis(_Axis):
    """The windows along one axis; what follows from its numbers is worked out once.

    Attributes
    ----------
    size, kernel, stride, before, after, dilation : int
        n, k, s, p, p' and d as above.
    out : int
        Number of windows.
    reach : int
        Number of positions from a window's first to its last, both included.
    """

    @cached_property
    def padded(self) -> int:
        """Size with room for the image behind its padding, and for the last window."""
        return max(self.before + self.size, (self.out - 1) * self.stride + self.reach)

    @cached_property
    def turned(self) -> Axis:
        """The windows of a kernel turned round on the outputs of this one, for stride 1."""
        before = self.reach - 1 - self.before
        after = self.size - self.out + self.before
        return Axis(self.out, self.kernel, 1, before, after, self.dilation, self.size, self.reach)

    @property
    def image(self) -> slice:
        """Where the image lies on the padded axis."""
        return slice(self.before, self.before + self.size)

    @cached_property
    def places(self) -> tuple[slice, ...]:
        """For each entry of the kernel, its places on the padded axis in all windows."""
        span = (self.out - 1) * self.stride + 1
        starts = range(0, self.kernel * self.dilation, self.dilation)
        return tuple([slice(start, start + span, self.stride) for start in starts])

    @property
    def positions(self) -> Indices:
        """Position on the image of entry i of window o, an array (k, out); outside it below 0."""
        starts = np.arange(self.out) * self.stride - self.before
        return starts + np.arange(self.kernel)[:, None] * self.dilation


class _Geometry(NamedTuple):
    axes: tuple[Axis, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    out: tuple[int, ...]
    image: tuple[slice, ...]
    padded: tuple[int, ...]


class Geometry(_Geometry):
    """The windows on one image; what follows from them is worked out once.

    Attributes
    ----------
    axes : tuple of Axis
        One for each axis of the image.
    kernel, stride, dilation, out : tuple of int
        Size of a window, steps from window to window and from entry to entry of a window, and
        number of windows, along all axes.
    image : tuple of slice
        Where the image lies on the padded one.
    padded : tuple of int
        Size of the padded image.
    """

    @cached_property
    def size(self) -> tuple[int, ...]:
        """Size of the image."""
        return tuple(axis.size for axis in self.axes)

    @cached_property
    def turned(self) -> Geometry:
        """Every axis turned round."""
        return Geometry.of(tuple([axis.turned for axis in self.axes]))

    @property
    def sides(self) -> tuple[tuple[int, int], ...]:
        """Padding before and after the image, axis by axis."""
        return tuple((axis.before, axis.after) for axis in self.axes)

    @classmethod
    def of(cls, axes: tuple[Axis, ...]) -> Geometry:
        """Return the geometry of windows that lie so along each axis."""
        return cls(
            axes,
            tuple([axis.kernel for axis in axes]),
            tuple([axis.stride for axis in axes]),
            tuple([axis.dilation for axis in axes]),
            tuple([axis.out for axis in axes]),
            tuple([axis.image for axis in axes]),
            tuple([axis.padded for axis in axes]),
        )


def slide(
    layer: str,
    size: tuple[int, ...],
    *,
    kernel_size: IntOrTuple,
    stride: IntOrTuple,
    padding: IntOrTuple,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Geometry:
    """Return the geometry of a kernel that slides over images of ``size``, padded evenly.

    Raises
    ------
    ValueError
        If a setting is out of range or no window fits.
    """
    n = len(size)
    kernel = as_tuple(layer, "kernel_size", kernel_size, n, at_least=1)
    strides = as_tuple(layer, "stride", stride, n, at_least=1)
    dilations = as_tuple(layer, "dilation", dilation, n, at_least=1)
    sides = tuple([(p, p) for p in as_tuple(layer, "padding", padding, n, at_least=0)])
    return place(layer, size, kernel, strides, sides, dilations, bool(ceil_mode))


def check_pool_padding(layer: str, geometry: Geometry) -> None:
    """Raise ValueError unless the padding is at most half of the kernel, torch's rule for pools."""
    half = tuple(axis.kernel // 2 for axis in geometry.axes)
    padding = tuple(axis.before for axis in geometry.axes)
    if any(p > most for p, most in zip(padding, half, strict=True)):
        raise ValueError(
            f"{layer}: padding {padding} is more than half of the kernel "
            f"{geometry.kernel}, so a window could hold nothing but padding: take at most {half}"
        )


def as_tuple(layer: str, name: str, value: Any, n: int, *, at_least: int) -> tuple[int, ...]:
    """Return ``value``, an int or n of them, as a tuple of n.

    Raises
    ------
    ValueError
        If it is neither, or a number is below ``at_least``.
    """
    each = value if isinstance(value, (tuple, list)) else (value,) * n
    if len(each) != n:
        raise ValueError(
            f"{layer}: {name}={value!r} has length {len(each)}, and an image has "
            f"{n} {'axis' if n == 1 else 'axes'}: give an int, or one for each of "
            f"({', '.join(AXES[n])})"
        )
    try:
        numbers = tuple(map(index, each))
    except TypeError:
        numbers = tuple([as_int(layer, name, number) for number in each])  # says which is none
    if min(numbers) < at_least:
        raise ValueError(
            f"{layer}: {name}={value!r} is below {at_least}: take {name} of {at_least} or more"
        )
    return numbers


# Networks ask for a few geometries again and again, and small images spend as long on this
# arithmetic as on their products.
@lru_cache(maxsize=4096)
def place(
    layer: str,
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    sides: tuple[tuple[int, int], ...],
    dilations: tuple[int, ...],
    ceil_mode: bool,
) -> Geometry:
    """Return the geometry where every setting is one number, or pair of sides, for each axis."""
    if min(size) < 1:
        held = " and ".join(f"{n} {axis}" for n, axis in zip(size, AXES[len(size)], strict=True))
        raise ValueError(
            f"{layer}: x has {held}, not a single pixel: only the "
            f"batch axis may be empty, so give the others at least 1"
        )
    axes = tuple(
        _axis(layer, which, n, k, s, p, d, ceil_mode)
        for which, n, k, s, p, d in zip(
            AXES[len(size)], size, kernel, strides, sides, dilations, strict=True
        )
    )
    return Geometry.of(axes)


def _axis(
    layer: str,
    which: str,
    size: int,
    kernel: int,
    stride: int,
    sides: tuple[int, int],
    dilation: int,
    ceil_mode: bool,
) -> Axis:
    """Count the windows along one axis, by the formula above."""
    before, after = sides
    reach = dilation * (kernel - 1) + 1
    spare = size + before + after - reach
    out = (spare + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (out - 1) * stride >= size + before:
        out -= 1  # it would start past the image
    if out < 1:
        around = f"padding {before} on either side"
        if before != after:
            around = f"padding {before} before it and {after} after it"
        raise ValueError(
            f"{layer}: a window reaches over {reach} {which}, the image has "
            f"{size} and {around}, {size + before + after} in all, so none "
            f"fits: take more padding, less dilation or a smaller kernel"
        )
    return Axis(size, kernel, stride, before, after, dilation, out, reach)
