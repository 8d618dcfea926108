"""Max unpooling of volumes: entries go back to where `max_pool3d` found them, among zeros.

For x of shape (N, C, D, H, W) and indices of the same shape, one channel at a time,

    y[n, c, indices[n, c, a]] = x[n, c, a], and 0 elsewhere
    dx[n, c, a]               = dy[n, c, indices[n, c, a]].

Here a is a triple (planes, rows, columns), and indices are places in the volume, laid out flat. A
place that is named twice, and the size of the output, are as in `max_unpool2d`.

Zeiler, Fergus, Visualizing and understanding convolutional networks, 2014, section 2.1;
``torch.nn.functional.max_unpool3d``.
"""

from __future__ import annotations

from ._max_unpool import MaxUnpool

__all__ = ["backward", "forward", "layer"]

_layer = MaxUnpool("max_unpool3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
