"""What each kind of layer must satisfy: cases, oracle, kinks, held apart from any implementation.

Each module of a kind (`convolution`, `linear`, `pooling`, `softmax` and the like) has a function
without arguments for each contract, registered under the group of entry points
``gradcheck.specs``. For contracts of your own: `define` makes a spec from a strategy,
`TorchFunction` is an oracle, `Pointwise`, `Bends` and `Ties` are kinks. Neither torch nor
Hypothesis is imported before a case is drawn or an oracle asked.

Strategies for tests of your own, usable in Hypothesis's ``@given``: `arrays`, `cotangents`,
`windows`, `cases` of any registered kind, `conv2d_cases` and its like.

Examples
--------
>>> from gradcheck.properties import conv2d
>>> conv2d().inputs
('x', 'weight', 'bias')
>>> conv2d().form.degree
2
>>> [c.name for c in conv2d().classes][:3]
['batch > 1', 'C_in != C_out', 'groups = 1']
"""

from ._arrays import array, arrays, cotangent, cotangents
from ._bends import Bends
from ._cases import (
    avg_pool2d_cases,
    cases,
    conv2d_cases,
    draw_cotangent,
    draw_inputs,
    linear_cases,
    max_pool2d_cases,
)
from ._define import define
from ._pointwise import Pointwise
from ._ties import Ties
from ._torch_oracle import TorchFunction
from ._window import Window, windows
from .activations import (
    celu,
    elu,
    gelu,
    leaky_relu,
    logsigmoid,
    mish,
    prelu,
    relu,
    selu,
    sigmoid,
    silu,
    softplus,
    softsign,
    tanh,
)
from .adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from .bordered import padded_conv1d, padded_conv2d, padded_conv3d
from .clipped import hardsigmoid, hardswish, hardtanh, relu6
from .columns import fold, unfold
from .convolution import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from .dropout import dropout
from .flattening import flatten
from .linear import linear
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
    soft_cross_entropy,
)
from .norm_pooling import (
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
)
from .normalisation import batch_norm
from .padding import pad
from .pooling import (
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    global_avg_pool2d,
    global_max_pool2d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)
from .shrinkage import hardshrink, softshrink, tanhshrink, threshold
from .softmax import glu, log_softmax, softmax, softmin
from .unpooling import (
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
)

__all__ = [
    "Bends",
    "Pointwise",
    "Ties",
    "TorchFunction",
    "Window",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "array",
    "arrays",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool2d_cases",
    "avg_pool3d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cases",
    "celu",
    "conv1d",
    "conv2d",
    "conv2d_cases",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cotangent",
    "cotangents",
    "cross_entropy",
    "define",
    "draw_cotangent",
    "draw_inputs",
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
    "linear_cases",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool2d_cases",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "nll_loss",
    "pad",
    "padded_conv1d",
    "padded_conv2d",
    "padded_conv3d",
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
    "windows",
]
