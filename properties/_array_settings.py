"""Oracles of layers that have arrays among their settings: torch takes tensors for them."""

from __future__ import annotations

from typing import Any


def dropout(x: Any, *, mask: Any, p: float) -> Any:
    """Return x mask / (1 - p); torch's own function draws the mask itself."""
    return x * _tensor(mask, x) / (1 - p)


def _tensor(setting: Any, x: Any) -> Any:
    import torch

    return torch.tensor(setting, dtype=x.dtype)
