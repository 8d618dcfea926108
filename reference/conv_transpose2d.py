"""Two-dimensional transposed convolution.

The adjoint of `conv2d` in its input: what that does to a cotangent, this does to x. Entry a of x,
times the kernel, is added to the output around position ``a s - p``; along an axis of n entries

    out = (n - 1) s - 2 p + d (k - 1) + 1 + output_padding,

where ``output_padding`` picks one of the sizes that a convolution takes to n. For x of shape
(N, C, H, W) and weight of shape (C, O/g, kh, kw), with x as a matrix X (C/g, P), the kernels as the
rows of W (C/g, K) and each group by itself,

    Y  = col2im(W^T X) + b          K = O/g times the entries of a kernel, P positions of x
    dX = W im2col(dY)
    dW = X im2col(dY)^T             summed over the batch
    db = sum of dY over the batch and all positions

Dumoulin & Visin, A guide to convolution arithmetic for deep learning, chapter 4; Zeiler et al.,
Deconvolutional networks (2010).
"""

from __future__ import annotations

from ._transposed_convolution import TransposedConvolution

__all__ = ["backward", "forward", "layer"]

_layer = TransposedConvolution("conv_transpose2d", axes=2)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
