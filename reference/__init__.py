"""Hand-written layers in NumPy: forward, backward, nothing else.

One layer a module. Each has ``forward(*inputs, **config) -> (y, cache)``,
``backward(dy, cache) -> gradients`` in the order of the inputs, and ``layer()``, which names the
contract that the two keep. Names, arguments and conventions are those of ``torch.nn.functional``.

Every gradient has the dtype of the input, shares no memory with anything, and no array is ever
changed in place; ``backward`` may be called as often as one likes. A cache may hold the inputs
themselves: leave them as they are until its last ``backward``.

Examples
--------
>>> import numpy as np
>>> from gradcheck.reference import conv2d
>>> image = np.arange(9.0).reshape(1, 1, 3, 3)
>>> y, cache = conv2d.forward(image, np.ones((1, 1, 2, 2)))
>>> y[0, 0]
array([[ 8., 12.],
       [20., 24.]])
>>> dx, dweight, dbias = conv2d.backward(np.array([[[[1.0, 0.0], [0.0, 2.0]]]]), cache)
>>> dx[0, 0]
array([[1., 1., 0.],
       [1., 3., 2.],
       [0., 2., 2.]])

Layers make a network, which is a layer again, and `gradcheck.reference.optim` moves its parameters.

>>> from gradcheck.reference import Sequential, linear, relu
>>> network = Sequential(hidden=linear.layer(), bend=relu.layer(), out=linear.layer())
>>> network.parameters
('hidden.weight', 'hidden.bias', 'out.weight', 'out.bias')
"""

from . import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    batch_norm,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    celu,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    cross_entropy,
    dropout,
    elu,
    flatten,
    fold,
    gelu,
    global_avg_pool2d,
    global_max_pool2d,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    linear,
    log_softmax,
    logsigmoid,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
    mish,
    mse_loss,
    nll_loss,
    pad,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_cross_entropy,
    softmax,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
    unfold,
)
from ._layer import Layer
from ._sequential import Sequential

__all__ = [
    "Layer",
    "Sequential",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cross_entropy",
    "dropout",
    "elu",
    "flatten",
    "fold",
    "gelu",
    "global_avg_pool2d",
    "global_max_pool2d",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "nll_loss",
    "pad",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_cross_entropy",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "unfold",
]
