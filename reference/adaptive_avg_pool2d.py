"""Adaptive average pooling: means of as many windows as are asked for.

For x of shape (N, C, H, W),

    y[n, c, a]  = (sum of x[n, c, r] over the places r of window a) / D[a]
    dx[n, c, r] = sum of dy[n, c, a] / D[a] over the windows a that hold r,

where D[a] is how many places window a holds. Along an axis of n places, window o of ``out`` holds
those from floor(o n / out) to ceil((o + 1) n / out) - 1: windows may overlap by one place, and they
leave none out.

Here a and r are pairs (rows, columns), and window a = (a1, a2) is a box, the product of windows of
both axes.

He et al., Spatial pyramid pooling in deep convolutional networks, 2015, section 3.2;
``torch.nn.functional.adaptive_avg_pool2d``.
"""

from __future__ import annotations

from ._adaptive_avg_pool import AdaptiveAvgPool

__all__ = ["backward", "forward", "layer"]

_layer = AdaptiveAvgPool("adaptive_avg_pool2d", axes=2)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
