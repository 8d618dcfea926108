"""Max unpooling: entries go back to where `max_pool2d` found them, among zeros.

For x of shape (N, C, H, W) and indices of the same shape, one channel at a time,

    y[n, c, indices[n, c, a]] = x[n, c, a], and 0 elsewhere
    dx[n, c, a]               = dy[n, c, indices[n, c, a]].

Indices are places in the plane, laid out flat. Where windows of the pool overlap, a place may be
named twice: the last entry stays, and it alone has the gradient; torch hands it to both.

Along each axis the output has (L - 1) s - 2 p + k places, or ``output_size``, which is less than a
stride away.

Zeiler, Fergus, Visualizing and understanding convolutional networks, 2014, section 2.1;
``torch.nn.functional.max_unpool2d``.
"""

from __future__ import annotations

from ._max_unpool import MaxUnpool

__all__ = ["backward", "forward", "layer"]

_layer = MaxUnpool("max_unpool2d", axes=2)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
