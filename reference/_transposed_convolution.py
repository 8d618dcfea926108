"""Transposed convolution along any number of axes: the adjoint of convolution in its input.

With x as a matrix X (C/g, P), the kernels as the rows of a matrix W (C/g, K) and each group of
channels by itself,

    Y  = col2im(W^T X) + b
    dX = W im2col(dY)
    dW = X im2col(dY)^T             summed over the batch
    db = sum of dY over the batch and all positions

The windows are those of a convolution on the output, and x has one entry for each.
"""

from __future__ import annotations

from typing import NamedTuple

from ._checks import as_int, check_cotangent
from ._convolution import check_arrays, check_bias, check_groups
from ._correlation import correlate, kernel_gradient, scatter
from ._geometry import Geometry
from ._spreading import spread
from ._types import Array, IntOrTuple


class Cache(NamedTuple):
    """What ``backward`` needs: x, the weight, and where the windows lie on the output."""

    x: Array
    weight: Array
    groups: int
    has_bias: bool
    geometry: Geometry


def forward(
    layer: str,
    x: Array,
    weight: Array,
    bias: Array | None,
    *,
    axes: int,
    stride: IntOrTuple,
    padding: IntOrTuple,
    output_padding: IntOrTuple,
    groups: int,
    dilation: IntOrTuple,
) -> tuple[Array, Cache]:
    """Spread inputs (N, C, ...) with ``axes`` axes: Y = col2im(W^T X) + b."""
    groups = as_int(layer, "groups", groups)
    _check(layer, x, weight, bias, groups, axes)
    geometry = spread(
        layer,
        x.shape[2:],
        kernel_size=weight.shape[2:],
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    y = scatter(x, weight, geometry, groups)
    if bias is not None:
        y += bias.reshape(-1, *(1,) * axes)
    return y, Cache(x, weight, groups, bias is not None, geometry)


def backward(layer: str, dy: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """Pull a cotangent back: dX = W im2col(dY), dW = X im2col(dY)^T, db = sum dY."""
    x, weight, groups, has_bias, geometry = cache
    check_cotangent(layer, dy, (len(x), weight.shape[1] * groups, *geometry.size), weight.dtype)
    dx = correlate(dy, weight, geometry, groups)
    dweight = kernel_gradient(dy, x, geometry, groups)
    return dx, dweight, dy.sum(axis=(0, *range(2, dy.ndim))) if has_bias else None


def _check(layer: str, x: Array, weight: Array, bias: Array | None, groups: int, axes: int) -> None:
    check_arrays(layer, x, weight, bias, axes, ("C", "O/groups"))
    check_groups(layer, groups)
    channels, per_group = weight.shape[:2]
    if x.shape[1] != channels:
        raise ValueError(
            f"{layer}: weight takes {channels} input channels, x has {x.shape[1]}: "
            f"make weight.shape[0] equal to x.shape[1]"
        )
    if channels < 1 or channels % groups:
        raise ValueError(
            f"{layer}: weight takes {channels} input channels, groups={groups}, and every group "
            f"needs the same number, at least one: make weight.shape[0] a positive multiple of "
            f"groups"
        )
    if per_group < 1:
        raise ValueError(
            f"{layer}: weight has no kernel for any output: make weight.shape[1] 1 or more"
        )
    check_bias(layer, bias, per_group * groups)
