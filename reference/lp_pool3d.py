"""Power-average pooling of volumes: `lp_pool2d` along three axes.

For x of shape (N, C, D, H, W) and windows as in `conv3d`, without padding,

    y[n, c, a]  = (F[a] sum over i of x[n, c, a s + i]^p)^(1/p)
    dx[n, c, r] = x[n, c, r]^(p-1) sum of dy[n, c, a] F[a] y[n, c, a]^(1-p) over the a that hold r.

Here a, i and r, and the setting s, are triples: (planes, rows, columns). The factor F, what is NaN,
and the corner of the norm are as in `lp_pool2d`.

Gulcehre et al., Learned-norm pooling for deep feedforward and recurrent neural networks, 2014;
``torch.nn.functional.lp_pool3d``.
"""

from __future__ import annotations

from ._lp_pool import LpPool

__all__ = ["backward", "forward", "layer"]

_layer = LpPool("lp_pool3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
