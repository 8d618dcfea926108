"""Three-dimensional transposed convolution.

The adjoint of `conv3d` in its input: what that does to a cotangent, this does to x. Entry a of x,
times the kernel, is added to the output around position ``a s - p``; along an axis of n entries

    out = (n - 1) s - 2 p + d (k - 1) + 1 + output_padding,

where ``output_padding`` picks one of the sizes that a convolution takes to n. For x of shape
(N, C, D, H, W) and weight of shape (C, O/g, kd, kh, kw), with x as a matrix X (C/g, P),
the kernels as the rows of W (C/g, K) and each group by itself,

    Y  = col2im(W^T X) + b          K = O/g times the entries of a kernel, P positions of x
    dX = W im2col(dY)
    dW = X im2col(dY)^T             summed over the batch
    db = sum of dY over the batch and all positions

Dumoulin & Visin, A guide to convolution arithmetic for deep learning, chapter 4; Zeiler et al.,
Deconvolutional networks (2010).
"""

from __future__ import annotations

from . import _transposed_convolution
from ._layer import Layer
from ._transposed_convolution import Cache
from ._types import Array, IntOrTuple


def forward(
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
    """Spread a batch of volumes: Y = col2im(W^T X) + b.

    Parameters
    ----------
    x : array of shape (N, C, D, H, W)
        Inputs.
    weight : array of shape (C, O / groups, kd, kh, kw)
        Kernels.
    bias : array of shape (O,), optional
        Added to each output channel.
    stride, dilation : int or triple of ints
        Step between windows of the output, and between the entries of a window.
    padding, output_padding : int or triple of ints
        Places cut from both sides of the output, and added behind it.
    groups : int
        Number of blocks of channels that are spread apart.

    Returns
    -------
    y : array of shape (N, O, OD, OH, OW)
        Feature maps.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shapes, dtypes or settings do not fit together.
    """
    return _transposed_convolution.forward(
        "conv_transpose3d",
        x,
        weight,
        bias,
        axes=3,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        groups=groups,
        dilation=dilation,
    )


def backward(dy: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """Pull a cotangent back: dX = W im2col(dY), dW = X im2col(dY)^T, db = sum dY.

    Parameters
    ----------
    dy : array of shape (N, O, OD, OH, OW)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C, D, H, W)
    dweight : array of shape (C, O / groups, kd, kh, kw)
    dbias : array of shape (O,), or None without a bias

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    return _transposed_convolution.backward("conv_transpose3d", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    inputs = ("x", "weight", "bias")
    return Layer(spec="conv_transpose3d", inputs=inputs, forward=forward, backward=backward)
