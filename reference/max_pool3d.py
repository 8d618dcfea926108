"""Max pooling of volumes: `max_pool2d` along three axes.

For x of shape (N, C, D, H, W) and windows as in `conv3d`, one channel at a time,

    y[n, c, a]  = max over i of x[n, c, a s - p + i d]
    dx[n, c, r] = sum of dy[n, c, a] over the windows a whose maximum lies at r.

Here a, i and r, and the settings s, p and d, are triples: (planes, rows, columns). Padding, equal
maxima and NaN are as in `max_pool2d`.

Goodfellow et al., Deep Learning, section 9.3.
"""

from __future__ import annotations

from ._max_pool import MaxPool

__all__ = ["backward", "forward", "layer"]

_layer = MaxPool("max_pool3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
