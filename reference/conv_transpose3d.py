"""Three-dimensional transposed convolution: `conv_transpose2d` along three axes.

The adjoint of `conv3d` in its input. For x of shape (N, C, D, H, W) and weight of shape
(C, O/g, kd, kh, kw), with matrices, groups and the size of the output as in `conv_transpose2d`,

    Y  = col2im(W^T X) + b
    dX = W im2col(dY)
    dW = X im2col(dY)^T             summed over the batch
    db = sum of dY over the batch and all positions

Dumoulin & Visin, A guide to convolution arithmetic for deep learning, chapter 4.
"""

from __future__ import annotations

from ._transposed_convolution import TransposedConvolution

__all__ = ["backward", "forward", "layer"]

_layer = TransposedConvolution("conv_transpose3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
