"""Power-average pooling: the p-norm of each window, p = ``norm_type``.

For x of shape (N, C, H, W) and windows as in `conv2d`, without padding,

    y[n, c, a]  = (F[a] sum over i of x[n, c, a s + i]^p)^(1/p)
    dx[n, c, r] = x[n, c, r]^(p-1) sum of dy[n, c, a] F[a] y[n, c, a]^(1-p) over the a that hold r.

Here a, i and r, and the setting s, are pairs: (rows, columns).

F is 1, but where ``ceil_mode`` lets the last window hang over the far edge: there it is the size of
the kernel over what of the window lies on the image, as in torch. Of a negative x only whole powers
exist, and of a negative sum no root: elsewhere y is NaN. A window whose powers sum to 0 is a corner
of the norm, where torch and this layer give 0; for p = 1 it is none.

Gulcehre et al., Learned-norm pooling for deep feedforward and recurrent neural networks, 2014;
``torch.nn.functional.lp_pool2d``.
"""

from __future__ import annotations

from ._lp_pool import LpPool

__all__ = ["backward", "forward", "layer"]

_layer = LpPool("lp_pool2d", axes=2)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
