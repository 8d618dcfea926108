"""Softmin: the softmax of -x.

Along one axis ``dim`` of x, of any shape,

    y  = exp(-x) / sum of exp(-x)
    dx = -y (dy - sum of y dy)

Goodfellow et al., Deep Learning, section 4.1 (the softmax).
"""

from __future__ import annotations

from ._shares import Shares

__all__ = ["backward", "forward", "layer"]

_layer = Shares("softmin", sign=-1)
forward, backward, layer = _layer.forward, _layer.backward, _layer.layer
