"""Power-average pooling of sequences: `lp_pool2d` along one axis.

For x of shape (N, C, L) and windows as in `conv1d`, without padding,

    y[n, c, a]  = (F[a] sum over i of x[n, c, a s + i]^p)^(1/p)
    dx[n, c, r] = x[n, c, r]^(p-1) sum of dy[n, c, a] F[a] y[n, c, a]^(1-p) over the a that hold r.

The factor F, what is NaN, and the corner of the norm are as in `lp_pool2d`.

Gulcehre et al., Learned-norm pooling for deep feedforward and recurrent neural networks, 2014;
``torch.nn.functional.lp_pool1d``.
"""

from __future__ import annotations

from ._lp_pool import LpPool

__all__ = ["backward", "forward", "layer"]

_layer = LpPool("lp_pool1d", axes=1)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
