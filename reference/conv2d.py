"""Two-dimensional convolution (cross-correlation) by im2col.

For x of shape (N, C, H, W), weight of shape (O, C/g, kh, kw) and bias of shape (O,),

    y[n, o, a, b] = bias[o]
        + sum_{c, i, j} weight[o, c, i, j] x[n, c', a sh - ph + i dh, b sw - pw + j dw],

where x is 0 outside the image and c' is channel c of the group that o belongs to: each of the g
groups joins C/g input channels to O/g outputs. With the windows of x as the columns of a matrix X
(im2col) and the kernels as the rows of a matrix W, each group is one product, and the chain rule
gives the gradients of L, with dY = dL/dY:

    Y  = W X + b           (O/g, K) (K, OH OW), K = C/g kh kw
    dW = dY X^T            summed over the batch
    dX = W^T dY            col2im, the transpose of im2col, adds it up to dx
    db = sum of dY over the batch and all positions

Text A of the worked examples (im2col); Dumoulin & Visin, A guide to convolution arithmetic for
deep learning (the sizes); Goodfellow et al., Deep Learning, section 9.5 (the gradients).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from ._checks import as_int, check_cotangent, check_floating, check_ndim, check_same_dtype
from ._geometry import Geometry, slide
from ._layer import Layer
from ._types import Array, IntOrTuple
from ._windows import fold, windows


class Cache(NamedTuple):
    """What ``backward`` needs: X (N, g, K, OH OW), the weight, and where the windows lie."""

    columns: Array
    weight: Array
    has_bias: bool
    geometry: Geometry


def forward(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: IntOrTuple = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> tuple[Array, Cache]:
    """Convolve a batch of images: Y = W X + b.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        Images.
    weight : array of shape (O, C / groups, kh, kw)
        Kernels.
    bias : array of shape (O,), optional
        Added to each output channel.
    stride, padding, dilation : int or pair of ints
        Step between windows, ring of zeros, step between the entries of a window.
    groups : int
        Number of blocks of channels that are convolved apart.

    Returns
    -------
    y : array of shape (N, O, OH, OW)
        Feature maps.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shapes, dtypes or settings do not fit together.
    """
    groups = as_int("conv2d", "groups", groups)
    _check(x, weight, bias, groups)
    geometry = slide(
        "conv2d",
        x.shape[2:],
        kernel_size=weight.shape[2:],
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    columns = _im2col(x, geometry, groups)
    y = (_rows(weight, groups) @ columns).reshape(len(x), len(weight), *geometry.out)
    if bias is not None:
        y += bias[:, None, None]
    return y, Cache(columns, weight, bias is not None, geometry)


def backward(dy: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """Pull a cotangent back: dX = W^T dY, dW = dY X^T, db = sum dY.

    Parameters
    ----------
    dy : array of shape (N, O, OH, OW)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C, H, W)
    dweight : array of shape (O, C / groups, kh, kw)
    dbias : array of shape (O,), or None without a bias

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    columns, weight, has_bias, geometry = cache
    n, groups, _, positions = columns.shape
    check_cotangent("conv2d", dy, (n, len(weight), *geometry.out), weight.dtype)
    delta = dy.reshape(n, groups, len(weight) // groups, positions)
    dweight = (delta @ columns.swapaxes(2, 3)).sum(axis=0).reshape(weight.shape)
    dcolumns = _rows(weight, groups).swapaxes(1, 2) @ delta
    dx = _col2im(dcolumns, geometry)
    return dx, dweight, dy.sum(axis=(0, 2, 3)) if has_bias else None


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="conv2d", inputs=("x", "weight", "bias"), forward=forward, backward=backward)


def _im2col(x: Array, geometry: Geometry, groups: int) -> Array:
    """Lay the windows out as columns (N, g, K, OH OW), entry (c, i, j) of a window in row k."""
    n, channels = x.shape[:2]
    rows = channels // groups * math.prod(geometry.kernel)
    return windows(x, geometry).reshape(n, groups, rows, math.prod(geometry.out))


def _col2im(columns: Array, geometry: Geometry) -> Array:
    """Add columns (N, g, K, OH OW) up to images (N, C, H, W)."""
    n, groups, k, _ = columns.shape
    channels = groups * k // math.prod(geometry.kernel)
    return fold(columns.reshape(n, channels, *geometry.kernel, *geometry.out), geometry)


def _rows(weight: Array, groups: int) -> Array:
    """Lay the kernels out as rows (g, O/g, K)."""
    outputs, channels, kh, kw = weight.shape
    return weight.reshape(groups, outputs // groups, channels * kh * kw)


def _check(x: Array, weight: Array, bias: Array | None, groups: int) -> None:
    check_floating("conv2d", "x", x)
    check_ndim("conv2d", "x", x, ("N", "C", "H", "W"))
    check_floating("conv2d", "weight", weight)
    check_ndim("conv2d", "weight", weight, ("O", "C/groups", "kh", "kw"))
    check_same_dtype("conv2d", "weight", weight, x)
    if bias is not None:
        check_floating("conv2d", "bias", bias)
        check_same_dtype("conv2d", "bias", bias, x)
    _check_channels(x.shape[1], weight, bias, groups)


def _check_channels(channels: int, weight: Array, bias: Array | None, groups: int) -> None:
    outputs, per_group = weight.shape[:2]
    if groups < 1:
        raise ValueError(f"conv2d: groups={groups} leaves no channel to convolve: take 1 or more")
    if channels != per_group * groups:
        raise ValueError(
            f"conv2d: weight has {per_group} input channels per group, x has {channels} channels "
            f"in {groups} groups ({channels / groups:g} per group): make weight.shape[1] * groups "
            f"equal to x.shape[1]"
        )
    if outputs < 1 or outputs % groups:
        raise ValueError(
            f"conv2d: weight has {outputs} kernels, groups={groups}, and every group needs the "
            f"same number, at least one: make weight.shape[0] a positive multiple of groups"
        )
    if bias is not None and bias.shape != (outputs,):
        raise ValueError(
            f"conv2d: bias has shape {bias.shape}, weight has {outputs} kernels: "
            f"give one number for each kernel, shape ({outputs},)"
        )
