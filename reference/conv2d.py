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

from ._convolution import Convolution

__all__ = ["backward", "forward", "layer", "padded_layer"]

_layer = Convolution("conv2d", axes=2)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
padded_layer = _layer.padded_layer
