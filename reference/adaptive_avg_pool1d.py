"""Adaptive average pooling of sequences: `adaptive_avg_pool2d` along one axis.

For x of shape (N, C, L), and windows as there,

    y[n, c, a]  = (sum of x[n, c, r] over the places r of window a) / D[a]
    dx[n, c, r] = sum of dy[n, c, a] / D[a] over the windows a that hold r,

where D[a] is how many places window a holds.

He et al., Spatial pyramid pooling in deep convolutional networks, 2015, section 3.2;
``torch.nn.functional.adaptive_avg_pool1d``.
"""

from __future__ import annotations

from ._adaptive_avg_pool import AdaptiveAvgPool

__all__ = ["backward", "forward", "layer"]

_layer = AdaptiveAvgPool("adaptive_avg_pool1d", axes=1)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
