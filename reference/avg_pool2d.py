"""Average pooling.

For x of shape (N, C, H, W), 0 outside the image, and windows as in `conv2d`,

    y[n, c, a, b]  = (sum over i, j of x[n, c, a sh - ph + i, b sw - pw + j]) / D[a, b]
    dx[n, c, r, s] = sum of dy[n, c, a, b] / D[a, b] over the windows (a, b) that hold (r, s).

The divisor D counts the entries of the window that lie on the image, with ``count_include_pad``
those in its padding as well, but never those past the padding, where ``ceil_mode`` lets the last
window hang over. ``divisor_override`` replaces it.

Worked examples C3 and E4 (each value is spread evenly).
"""

from __future__ import annotations

from ._avg_pool import AvgPool

__all__ = ["backward", "forward", "layer"]

_layer = AvgPool("avg_pool2d", axes=2)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
