"""Average pooling of sequences: `avg_pool2d` along one axis.

For x of shape (N, C, L), 0 outside the sequence, and windows as in `conv1d`,

    y[n, c, a]  = (sum over i of x[n, c, a s - p + i]) / D[a]
    dx[n, c, r] = sum of dy[n, c, a] / D[a] over the windows a that hold r.

The divisor D is that of `avg_pool2d`. Worked examples C3 and E4 (each value is spread evenly).
"""

from __future__ import annotations

from ._avg_pool import AvgPool

__all__ = ["backward", "forward", "layer"]

_layer = AvgPool("avg_pool1d", axes=1)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
