"""Adaptive max pooling of volumes: `adaptive_max_pool2d` along three axes.

For x of shape (N, C, D, H, W), and windows, equal maxima and NaN as there,

    y[n, c, a]  = max of x[n, c, r] over the places r of window a
    dx[n, c, r] = sum of dy[n, c, a] over the windows a whose maximum lies at r,

where a and r are triples (planes, rows, columns).

He et al., Spatial pyramid pooling in deep convolutional networks, 2015, section 3.2;
``torch.nn.functional.adaptive_max_pool3d``.
"""

from __future__ import annotations

from ._adaptive_max_pool import AdaptiveMaxPool

__all__ = ["backward", "forward", "layer"]

_layer = AdaptiveMaxPool("adaptive_max_pool3d", axes=3)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
