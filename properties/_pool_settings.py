"""Oracles of pools whose settings torch takes in another form."""

from __future__ import annotations

from typing import Any


def lp_pool1d(x: Any, *, kernel_size: Any, stride: Any, **settings: Any) -> Any:
    """Return torch's, which takes numbers where others take tuples."""
    import torch

    (size,), (step,) = kernel_size, stride
    return torch.nn.functional.lp_pool1d(x, kernel_size=size, stride=step, **settings)


def max_unpool1d(x: Any, *, indices: Any, **settings: Any) -> Any:
    """Return torch's, which takes a tensor of indices."""
    import torch

    return torch.nn.functional.max_unpool1d(x, torch.tensor(indices), **settings)


def max_unpool2d(x: Any, *, indices: Any, **settings: Any) -> Any:
    """Return torch's, which takes a tensor of indices."""
    import torch

    return torch.nn.functional.max_unpool2d(x, torch.tensor(indices), **settings)


def max_unpool3d(x: Any, *, indices: Any, **settings: Any) -> Any:
    """Return torch's, which takes a tensor of indices."""
    import torch

    return torch.nn.functional.max_unpool3d(x, torch.tensor(indices), **settings)
