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
from ._layer import Layer
from ._spreading import spread
from ._types import Array, IntOrTuple


class Cache(NamedTuple):
    """What ``backward`` needs: x, the weight, and where the windows lie on the output."""

    x: Array
    weight: Array
    groups: int
    has_bias: bool
    geometry: Geometry


class TransposedConvolution(NamedTuple):
    """A transposed convolution along some axes.

    Attributes
    ----------
    name : str
        Name of the layer and of its contract.
    axes : int
        Number of axes of an image.
    """

    name: str
    axes: int

    def forward(
        self,
        x: Array,
        weight: Array,
        bias: Array | None = None,
        *,
        stride: IntOrTuple = 1,
        padding: IntOrTuple = 0,
        output_padding: IntOrTuple = 0,
        groups: int = 1,
        dilation: IntOrTuple = 1,
    ) -> tuple[Array, Cache]:
        """Spread images: Y = col2im(W^T X) + b.

        Parameters
        ----------
        x : array of shape (N, C, ...)
            Inputs, with the layer's number of axes behind the channels.
        weight : array of shape (C, O / groups, ...)
            Kernels.
        bias : array of shape (O,), optional
            Added to each output channel.
        stride, dilation : int or one for each axis
            Step between windows of the output, and between the entries of a window.
        padding, output_padding : int or one for each axis
            Places cut from both sides of the output, and added behind it.
        groups : int
            Number of blocks of channels that are spread apart.

        Returns
        -------
        y : array of shape (N, O, ...)
            Feature maps.
        cache : Cache
            For `backward`.

        Raises
        ------
        ValueError
            If shapes, dtypes or settings do not fit together.
        """
        groups = as_int(self.name, "groups", groups)
        _check(self.name, x, weight, bias, groups, self.axes)
        geometry = spread(
            self.name,
            x.shape[2:],
            kernel_size=weight.shape[2:],
            stride=stride,
            padding=padding,
            output_padding=output_padding,
            dilation=dilation,
        )
        y = scatter(x, weight, geometry, groups)
        if bias is not None:
            y += bias.reshape(-1, *(1,) * self.axes)
        return y, Cache(x, weight, groups, bias is not None, geometry)

    def backward(self, dy: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
        """Pull a cotangent back: dX = W im2col(dY), dW = X im2col(dY)^T, db = sum dY.

        Parameters
        ----------
        dy : array of shape (N, O, ...)
            Cotangent of the output.
        cache : Cache
            From `forward`.

        Returns
        -------
        dx : array of shape (N, C, ...)
        dweight : array of shape (C, O / groups, ...)
        dbias : array of shape (O,), or None without a bias

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        x, weight, groups, has_bias, geometry = cache
        check_cotangent(
            self.name, dy, (len(x), weight.shape[1] * groups, *geometry.size), weight.dtype
        )
        dx = correlate(dy, weight, geometry, groups)
        dweight = kernel_gradient(dy, x, geometry, groups)
        return dx, dweight, dy.sum(axis=(0, *range(2, dy.ndim))) if has_bias else None

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x", "weight", "bias"), self.forward, self.backward)


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
