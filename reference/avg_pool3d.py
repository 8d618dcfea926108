"""Average pooling of volumes: `avg_pool2d` along three axes.

For x of shape (N, C, D, H, W), 0 outside the volume, and windows as in `conv3d`,

    y[n, c, a]  = (sum over i of x[n, c, a s - p + i]) / D[a]
    dx[n, c, r] = sum of dy[n, c, a] / D[a] over the windows a that hold r.

Here a, i and r, and the settings s and p, are triples: (planes, rows, columns). The divisor D is
that of `avg_pool2d`. Worked examples C3 and E4 (each value is spread evenly).
"""

from __future__ import annotations

from ._avg_pool import AvgPool

__all__ = ["backward", "forward", "layer"]

_layer = AvgPool("avg_pool3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
