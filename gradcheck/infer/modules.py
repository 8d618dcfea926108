"""Modules: a ``torch.nn.Module`` as plain objects, its parameters as arrays."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

from gradcheck.adapt._module import applied, parameters
from gradcheck.adapt._tensors import to_array, to_tensor


def wrapped(target: Any) -> Any:
    """Return a class, or an instance, of plain objects that do what the module does."""
    if not isinstance(target, type):
        return type(type(target).__name__, (Plain,), {})(target)

    class Module(Plain):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(target(*args, **kwargs))

    Module.__name__ = target.__name__
    Module.__signature__ = inspect.signature(target)  # type: ignore[attr-defined]
    return Module


class Plain:
    """A module's forward and its gradients, its parameters as arrays."""

    def __init__(self, module: Any) -> None:
        self.module = _Hidden(copy.deepcopy(module))
        self.params = parameters(module)
        self.grads: dict[str, Any] = {}

    def forward(self, x: Any) -> Any:
        """Run the module with the arrays as its parameters."""
        self.leaves = {n: to_tensor(a).requires_grad_() for n, a in self.params.items()}
        self.x = to_tensor(x).requires_grad_()
        self.y = applied(self.module.held, (self.x,), self.leaves, {})
        return to_array(self.y)

    def backward(self, dy: Any) -> Any:
        """Return dx, and keep the gradients of the parameters."""
        import torch

        seed = to_tensor(dy)
        found = torch.autograd.grad(
            self.y, [self.x, *self.leaves.values()], seed, allow_unused=True
        )
        leaves = [self.x, *self.leaves.values()]
        held = [torch.zeros_like(t) if g is None else g for t, g in zip(leaves, found, strict=True)]
        dx, *rest = (to_array(g) for g in held)
        self.grads = dict(zip(self.leaves, rest, strict=True))
        return dx


class _Hidden:
    """Keeps a module from being searched for arrays."""

    __slots__ = ("_of",)

    def __init__(self, held: Any) -> None:
        self._of: Callable[[], Any] = lambda: held

    @property
    def held(self) -> Any:
        return self._of()
