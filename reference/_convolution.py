"""Convolution (cross-correlation) along any number of axes.

With the windows of x as the columns of a matrix X, the kernels as the rows of a matrix W and each
group of channels by itself, forward and gradients are one matrix product each:

    Y  = W X + b           (O/g, K) (K, P)
    dW = dY X^T            summed over the batch
    dX = W^T dY            col2im, the transpose of im2col, adds it up to dx
    db = sum of dY over the batch and all positions

A border that is not of zeros is put around x first, and its gradient folded back last.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ._borders import Sides, continue_beyond, fold_back
from ._checks import as_int, check_cotangent, check_floating, check_ndim, check_same_dtype
from ._correlation import correlate, kernel_gradient, scatter
from ._geometry import Geometry
from ._layer import Layer
from ._surroundings import surround
from ._types import Array, IntOrTuple, Padding

AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""How shapes are written, by the number of axes."""

KERNEL = {1: ("k",), 2: ("kh", "kw"), 3: ("kd", "kh", "kw")}


class Border(NamedTuple):
    """What was put around the images before the convolution: how much, and what."""

    size: tuple[int, ...]
    sides: Sides
    mode: str


class Cache(NamedTuple):
    """What ``backward`` needs: x with its border, the weight, and where the windows lie."""

    x: Array
    weight: Array
    groups: int
    has_bias: bool
    geometry: Geometry
    border: Border | None


class Convolution(NamedTuple):
    """A convolution along some axes.

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
        padding: Padding = 0,
        dilation: IntOrTuple = 1,
        groups: int = 1,
        padding_mode: str = "zeros",
    ) -> tuple[Array, Cache]:
        """Convolve images: Y = W X + b.

        Parameters
        ----------
        x : array of shape (N, C, ...)
            Inputs, with the layer's number of axes behind the channels.
        weight : array of shape (O, C / groups, ...)
            Kernels.
        bias : array of shape (O,), optional
            Added to each output channel.
        stride, dilation : int or one for each axis
            Step between windows, and between the entries of a window.
        padding : int or one for each axis, pairs of them, or {"valid", "same"}
            Places around the image, or none, or as many as keep the size; where that is odd, the
            far side has one more. A pair is the places before and after an axis.
        groups : int
            Number of blocks of channels that are convolved apart.
        padding_mode : {"zeros", "reflect", "replicate", "circular"}
            What the places around the image hold.

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
        settings: dict[str, Any] = {
            "kernel_size": weight.shape[2:],
            "stride": stride,
            "dilation": dilation,
        }
        geometry = surround(self.name, x.shape[2:], padding=padding, **settings)
        border = None
        if padding_mode != "zeros":
            border = Border(geometry.size, geometry.sides, padding_mode)
            x = continue_beyond(self.name, x, geometry.sides, padding_mode)
            geometry = surround(self.name, x.shape[2:], padding=0, **settings)
        y = correlate(x, weight, geometry, groups)
        if bias is not None:
            y += bias.reshape(-1, *(1,) * self.axes)
        return y, Cache(x, weight, groups, bias is not None, geometry, border)

    def backward(self, dy: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
        """Pull a cotangent back: dX = W^T dY, dW = dY X^T, db = sum dY.

        Parameters
        ----------
        dy : array of shape (N, O, ...)
            Cotangent of the output.
        cache : Cache
            From `forward`.

        Returns
        -------
        dx : array of shape (N, C, ...)
        dweight : array of shape (O, C / groups, ...)
        dbias : array of shape (O,), or None without a bias

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        x, weight, groups, has_bias, geometry, border = cache
        check_cotangent(self.name, dy, (len(x), len(weight), *geometry.out), weight.dtype)
        dweight = kernel_gradient(x, dy, geometry, groups)
        dx = scatter(dy, weight, geometry, groups)
        if border is not None:
            dx = fold_back(dx, *border)
        return dx, dweight, dy.sum(axis=(0, *range(2, dy.ndim))) if has_bias else None

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x", "weight", "bias"), self.forward, self.backward)

    def padded_layer(self) -> Layer:
        """Return the same layer for the contract of every border."""
        return self.layer()._replace(spec=f"padded_{self.name}")


def check_arrays(
    layer: str, x: Array, weight: Array, bias: Array | None, axes: int, kernels: tuple[str, str]
) -> None:
    """Raise ValueError unless the arrays have the right axes and one floating dtype."""
    check_floating(layer, "x", x)
    check_ndim(layer, "x", x, ("N", "C", *AXES[axes]))
    check_floating(layer, "weight", weight)
    check_ndim(layer, "weight", weight, (*kernels, *KERNEL[axes]))
    check_same_dtype(layer, "weight", weight, x)
    if bias is not None:
        check_floating(layer, "bias", bias)
        check_same_dtype(layer, "bias", bias, x)


def check_bias(layer: str, bias: Array | None, outputs: int) -> None:
    """Raise ValueError unless there is a number for each output channel."""
    if bias is not None and bias.shape != (outputs,):
        raise ValueError(
            f"{layer}: bias has shape {bias.shape}, weight has {outputs} kernels: "
            f"give one number for each kernel, shape ({outputs},)"
        )


def check_groups(layer: str, groups: int) -> None:
    """Raise ValueError unless there is a group."""
    if groups < 1:
        raise ValueError(f"{layer}: groups={groups} leaves no channel to convolve: take 1 or more")


def _check(layer: str, x: Array, weight: Array, bias: Array | None, groups: int, axes: int) -> None:
    check_arrays(layer, x, weight, bias, axes, ("O", "C/groups"))
    check_groups(layer, groups)
    channels, (outputs, per_group) = x.shape[1], weight.shape[:2]
    if channels != per_group * groups:
        raise ValueError(
            f"{layer}: weight has {per_group} input channels per group, x has {channels} channels "
            f"in {groups} groups ({channels / groups:g} per group): make weight.shape[1] * groups "
            f"equal to x.shape[1]"
        )
    if outputs < 1 or outputs % groups:
        raise ValueError(
            f"{layer}: weight has {outputs} kernels, groups={groups}, and every group needs the "
            f"same number, at least one: make weight.shape[0] a positive multiple of groups"
        )
    check_bias(layer, bias, outputs)
