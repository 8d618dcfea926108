"""Layers of torch with a backward of one's own, and modules."""

from __future__ import annotations

from typing import Any

import torch


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        ctx.save_for_backward(x, weight, bias)
        y = x @ weight.t()
        return y if bias is None else y + bias

    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        x, weight, bias = ctx.saved_tensors
        return dy @ weight, dy.t() @ x, None if bias is None else dy.sum(0)


class LinearWrong(Linear):
    @staticmethod
    def backward(ctx: Any, dy: Any) -> Any:
        x, weight, bias = ctx.saved_tensors
        return dy @ weight, dy.t() @ x, None if bias is None else dy[0]


class Module(torch.nn.Module):
    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(in_features, out_features)

    def forward(self, x: Any) -> Any:
        return self.fc(x)


class ModuleWrong(Module):
    def forward(self, x: Any) -> Any:
        return x @ self.fc.weight.detach().t() + self.fc.bias
