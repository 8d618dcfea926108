"""Adaptive average pooling of volumes: `adaptive_avg_pool2d` along three axes.

For x of shape (N, C, D, H, W), and windows as there,

    y[n, c, a]  = (sum of x[n, c, r] over the places r of window a) / D[a]
    dx[n, c, r] = sum of dy[n, c, a] / D[a] over the windows a that hold r,

where D[a] is how many places window a holds, and a and r are triples (planes, rows, columns).

He et al., Spatial pyramid pooling in deep convolutional networks, 2015, section 3.2;
``torch.nn.functional.adaptive_avg_pool3d``.
"""

from __future__ import annotations

from ._adaptive_avg_pool import AdaptiveAvgPool

__all__ = ["backward", "forward", "layer"]

_layer = AdaptiveAvgPool("adaptive_avg_pool3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
