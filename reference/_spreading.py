"""Spreading: the image under a given number of windows, as a transposed convolution makes it."""

from __future__ import annotations

from ._geometry import Axis, Geometry, as_tuple
from ._types import IntOrTuple


def spread(
    layer: str,
    windows: tuple[int, ...],
    *,
    kernel_size: IntOrTuple,
    stride: IntOrTuple,
    padding: IntOrTuple,
    output_padding: IntOrTuple,
    dilation: IntOrTuple,
) -> Geometry:
    """Return the geometry of so many windows on an image of the size that they make.

    Along each axis ``size = (windows - 1) s - 2 p + d (k - 1) + 1 + output_padding``.

    Raises
    ------
    ValueError
        If a setting is out of range or the image would be empty.
    """
    n = len(windows)
    kernel = as_tuple(layer, "kernel_size", kernel_size, n, at_least=1)
    strides = as_tuple(layer, "stride", stride, n, at_least=1)
    paddings = as_tuple(layer, "padding", padding, n, at_least=0)
    extras = as_tuple(layer, "output_padding", output_padding, n, at_least=0)
    dilations = as_tuple(layer, "dilation", dilation, n, at_least=1)
    each = zip(windows, kernel, strides, paddings, extras, dilations, strict=True)
    return Geometry.of(tuple([_spread_axis(layer, *settings) for settings in each]))


def _spread_axis(
    layer: str, windows: int, kernel: int, stride: int, padding: int, extra: int, dilation: int
) -> Axis:
    """Measure the image under the windows along one axis."""
    if extra >= max(stride, dilation):
        raise ValueError(
            f"{layer}: output_padding of {extra} is not below the stride {stride} or the dilation "
            f"{dilation}, so a larger input has that output: take at most "
            f"{max(stride, dilation) - 1}"
        )
    if windows < 1:
        raise ValueError(
            f"{layer}: x has an axis of length 0, and only the batch axis may be empty: "
            f"give the others at least 1"
        )
    reach = dilation * (kernel - 1) + 1
    size = (windows - 1) * stride - 2 * padding + reach + extra
    if size < 1:
        raise ValueError(
            f"{layer}: {windows} windows of reach {reach}, {stride} apart, less padding {padding} "
            f"on either side, leave an output of size {size}: take less padding or a larger kernel"
        )
    return Axis(size, kernel, stride, padding, padding, dilation, windows, reach)
