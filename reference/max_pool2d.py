"""Max pooling.

For x of shape (N, C, H, W) and windows as in `conv2d`, one channel at a time,

    y[n, c, a, b]  = max over i, j of x[n, c, a sh - ph + i dh, b sw - pw + j dw]
    dx[n, c, r, s] = sum of dy[n, c, a, b] over the windows (a, b) whose maximum lies at (r, s).

Padding counts as minus infinity and is never chosen: entries off the image take no part. Of equal
maxima the first in row-major order has the whole gradient; of several NaN the last, as in torch. A
pixel that is the maximum of several overlapping windows has all their cotangents, summed. A dilated
window may step over a small image altogether: its maximum is minus infinity, and its cotangent goes
nowhere.

Goodfellow et al., Deep Learning, section 9.3; worked examples C3 and E4.
"""

from __future__ import annotations

from ._max_pool import MaxPool

__all__ = ["backward", "forward", "layer"]

_layer = MaxPool("max_pool2d", axes=2)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
