"""Three-dimensional convolution (cross-correlation): `conv2d` along three axes.

For x of shape (N, C, D, H, W), weight of shape (O, C/g, kd, kh, kw) and bias of shape (O,),

    y[n, o, a, b, e] = bias[o]
        + sum_{c, i, j, k} weight[o, c, i, j, k]
          x[n, c', a sd - pd + i dd, b sh - ph + j dh, e sw - pw + k dw],

where c' is channel c of the group that o belongs to. Groups, borders and the gradients, which are
products of matrices, are as in `conv2d`:

    Y  = W X + b,  dW = dY X^T,  dX = W^T dY,  db = sum of dY.

Dumoulin & Visin, A guide to convolution arithmetic for deep learning.
"""

from __future__ import annotations

from ._convolution import Convolution

__all__ = ["backward", "forward", "layer", "padded_layer"]

_layer = Convolution("conv3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
padded_layer = _layer.padded_layer
