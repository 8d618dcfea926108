"""Oracles of layers that have arrays among their settings: torch takes tensors for them."""

from __future__ import annotations

from typing import Any


def dropout(x: Any, *, mask: Any, p: float) -> Any:
    """Return x mask / (1 - p); torch's own function draws the mask itself."""
    return x * _tensor(mask, x) / (1 - p)


def batch_norm(
    x: Any,
    weight: Any,
    bias: Any,
    *,
    running_mean: Any,
    running_var: Any,
    training: bool,
    momentum: float,
    eps: float,
) -> Any:
    """Return torch's batch normalisation; it would write to the running statistics."""
    from torch.nn.functional import batch_norm

    mean, var = (None if r is None else _tensor(r, x) for r in (running_mean, running_var))
    return batch_norm(x, mean, var, weight, bias, training, momentum, eps)


def _tensor(setting: Any, x: Any) -> Any:
    import torch

    return torch.tensor(setting, dtype=x.dtype)
