"""Max unpooling of sequences: entries go back to where `max_pool1d` found them, among zeros.

For x of shape (N, C, L) and indices of the same shape, one channel at a time,

    y[n, c, indices[n, c, a]] = x[n, c, a], and 0 elsewhere
    dx[n, c, a]               = dy[n, c, indices[n, c, a]].

Indices are places in the sequence. A place that is named twice, and the size of the output, are as
in `max_unpool2d`.

Zeiler, Fergus, Visualizing and understanding convolutional networks, 2014, section 2.1;
``torch.nn.functional.max_unpool1d``.
"""

from __future__ import annotations

from ._max_unpool import MaxUnpool

__all__ = ["backward", "forward", "layer"]

_layer = MaxUnpool("max_unpool1d", axes=1)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
