"""Two-dimensional convolution (cross-correlation).

For x of shape (N, C, H, W), weight of shape (O, C/g, kh, kw) and bias of shape (O,),

    y[n, o, a, b] = bias[o]
        + sum_{c, i, j} weight[o, c, i, j] x[n, c', a sh - ph + i dh, b sw - pw + j dw],

where x is 0 outside the image, unless ``padding_mode`` says otherwise, and c' is channel c of the
group that o belongs to. Each of the g groups joins C/g input channels to O/g outputs. With the
windows of x as the columns of a matrix X (im2col) and the kernels as the rows of a matrix W, each
group is one product, and the chain rule gives the gradients of L, with dY = dL/dY:

    Y  = W X + b           (O/g, K) (K, P), K = C/g times the entries of a kernel, P positions
    dW = dY X^T            summed over the batch
    dX = W^T dY            col2im, the transpose of im2col, adds it up to dx
    db = sum of dY over the batch and all positions

Text A of the worked examples (im2col); Dumoulin & Visin, A guide to convolution arithmetic for
deep learning (the sizes); Goodfellow et al., Deep Learning, section 9.5 (the gradients).
"""

from __future__ import annotations

from . import _convolution
from ._convolution import Cache
from ._layer import Layer
from ._types import Array, IntOrTuple, Padding


def forward(
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
    """Convolve a batch of images: Y = W X + b.

    Parameters
    ----------
    x : array of shape (N, C, H, W)
        Inputs.
    weight : array of shape (O, C / groups, kh, kw)
        Kernels.
    bias : array of shape (O,), optional
        Added to each output channel.
    stride, dilation : int or pair of ints
        Step between windows, and between the entries of a window.
    padding : int or pair of ints, pairs of them, or {"valid", "same"}
        Places around the image, or none, or as many as keep the size; where that is odd, the far
        side has one more. A pair is the places before and after an axis.
    groups : int
        Number of blocks of channels that are convolved apart.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the places around the image hold.

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
    return _convolution.forward(
        "conv2d",
        x,
        weight,
        bias,
        axes=2,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
    )


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
    return _convolution.backward("conv2d", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="conv2d", inputs=("x", "weight", "bias"), forward=forward, backward=backward)


def padded_layer() -> Layer:
    """Return the same layer for the contract of every border."""
    return layer()._replace(spec="padded_conv2d")
