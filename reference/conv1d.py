"""One-dimensional convolution (cross-correlation): `conv2d` along one axis.

For x of shape (N, C, L), weight of shape (O, C/g, k) and bias of shape (O,),

    y[n, o, a] = bias[o] + sum_{c, i} weight[o, c, i] x[n, c', a s - p + i d],

where c' is channel c of the group that o belongs to. Groups, borders and the gradients, which are
products of matrices, are as in `conv2d`:

    Y  = W X + b,  dW = dY X^T,  dX = W^T dY,  db = sum of dY.

Dumoulin & Visin, A guide to convolution arithmetic for deep learning.
"""

from __future__ import annotations

from ._convolution import Convolution

__all__ = ["backward", "forward", "layer", "padded_layer"]

_layer = Convolution("conv1d", axes=1)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
padded_layer = _layer.padded_layer
