"""Adaptive max pooling of sequences: `adaptive_max_pool2d` along one axis.

For x of shape (N, C, L), and windows, equal maxima and NaN as there,

    y[n, c, a]  = max of x[n, c, r] over the places r of window a
    dx[n, c, r] = sum of dy[n, c, a] over the windows a whose maximum lies at r.

He et al., Spatial pyramid pooling in deep convolutional networks, 2015, section 3.2;
``torch.nn.functional.adaptive_max_pool1d``.
"""

from __future__ import annotations

from ._adaptive_max_pool import AdaptiveMaxPool

__all__ = ["backward", "forward", "layer"]

_layer = AdaptiveMaxPool("adaptive_max_pool1d", axes=1)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
