"""Losses put together from torch's own operations: weights and classes come as plain numbers.

torch 2.13's binary_cross_entropy_with_logits cancels where x is large and the target is small, and
its cross_entropy where a share is nearly 1. Autograd differentiates what stands here instead.
"""

from __future__ import annotations

from typing import Any

from ._composed import log_softmax

Weights = tuple[Any, ...] | None


def mse_loss(x: Any, target: Any, *, weight: Weights, reduction: str) -> Any:
    """Return the weighted squares of x - target."""
    factors = _like(x, weight)
    return _reduced(factors * (x - target) ** 2, reduction, factors.sum())


def binary_cross_entropy(x: Any, target: Any, *, weight: Weights, reduction: str) -> Any:
    """Return -(t log(x) + (1 - t) log(1 - x)), weighted."""
    import torch

    known = x * torch.where((x >= 0) & (x <= 1), 1.0, torch.nan)
    losses = -(target * torch.log(known) + (1 - target) * torch.log1p(-known))
    return _reduced(_like(x, weight) * losses, reduction, x.numel())


def binary_cross_entropy_with_logits(
    x: Any, target: Any, *, weight: Weights, reduction: str, pos_weight: Weights
) -> Any:
    """Return -(p t log(s(x)) + (1 - t) log(s(-x))), weighted."""
    from torch.nn.functional import logsigmoid

    losses = -(_like(x, pos_weight) * target * logsigmoid(x) + (1 - target) * logsigmoid(-x))
    return _reduced(_like(x, weight) * losses, reduction, x.numel())


def nll_loss(x: Any, *, target: Any, weight: Weights, reduction: str, ignore_index: int) -> Any:
    """Return torch's own, of classes and weights that are plain numbers."""
    import torch

    classes = torch.tensor(target)
    return torch.nn.functional.nll_loss(
        x, classes, None if weight is None else torch.tensor(weight, dtype=x.dtype),
        ignore_index=ignore_index, reduction=reduction,
    )  # fmt: skip


def cross_entropy(
    x: Any, *, target: Any, weight: Weights, reduction: str, ignore_index: int,
    label_smoothing: float,
) -> Any:  # fmt: skip
    """Return the likelihood of each class, and a share of that of all classes."""
    import torch

    axis = 1 if x.dim() > 1 else 0
    logs, classes = log_softmax(x, dim=axis), torch.tensor(target)
    weights = _classes(x, weight)
    ignored = classes == ignore_index
    known = torch.where(ignored, 0, classes).unsqueeze(axis)
    factors = torch.where(ignored, 0.0, weights.expand_as(x).gather(axis, known).squeeze(axis))
    own = torch.where(ignored, 0.0, -factors * logs.gather(axis, known).squeeze(axis))
    losses = own
    if label_smoothing:  # 0 times the logarithm of 0 would be no number
        every = torch.where(ignored, 0.0, -(weights * logs).sum(axis))
        losses = (1 - label_smoothing) * own + label_smoothing / x.shape[axis] * every
    return _reduced(losses, reduction, factors.sum())


def soft_cross_entropy(
    x: Any, target: Any, *, weight: Weights, reduction: str, label_smoothing: float
) -> Any:
    """Return the likelihood of all classes, by the target's shares."""
    axis = 1 if x.dim() > 1 else 0
    shares = (1 - label_smoothing) * target + label_smoothing / x.shape[axis]
    losses = -(_classes(x, weight) * shares * log_softmax(x, dim=axis)).sum(axis)
    return _reduced(losses, reduction, losses.numel())


def _like(x: Any, numbers: Weights) -> Any:
    """Return numbers as a tensor of the shape of x, ones where there are none."""
    import torch

    known = torch.ones((), dtype=x.dtype) if numbers is None else torch.tensor(numbers).to(x.dtype)
    return known.expand_as(x)


def _classes(x: Any, weight: Weights) -> Any:
    """Return the weights of the classes, along their axis."""
    import torch

    if weight is None:
        return torch.ones([1] * x.dim(), dtype=x.dtype)
    shape = [-1 if place == (1 if x.dim() > 1 else 0) else 1 for place in range(x.dim())]
    return torch.tensor(weight, dtype=x.dtype).reshape(shape)


def _reduced(losses: Any, reduction: str, share: Any) -> Any:
    total = losses.sum()
    return {"none": losses, "sum": total, "mean": total / share}[reduction]
