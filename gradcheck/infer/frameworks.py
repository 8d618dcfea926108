"""Frameworks: targets of torch, JAX, autograd or a home-made tape, as functions of arrays.

Each becomes a function of the target's own signature that returns its output and its pullback; what
its arguments mean is then worked out as for any other function. Nothing is imported that the target
has not imported itself.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from gradcheck.adapt._autograd import traced
from gradcheck.adapt._context import remembered, shares_context
from gradcheck.adapt._jax import pulled
from gradcheck.adapt._tape import taped
from gradcheck.adapt._torch import differentiated
from gradcheck.infer.modules import wrapped

TENSORS = ("Tensor", "Variable", "Value", "Var", "Node", "tensor", "Parameter")
"""Names of classes that home-made autograd wraps arrays in."""

CONTEXT = "a context shared by forward(ctx, ...) and backward(ctx, dy)"


def function_of(target: Any) -> tuple[Callable[..., Any], str] | None:
    """Return a function of arrays that gives output and pullback, and what was assumed of it."""
    if _derives(target, "torch.autograd.function"):
        return differentiated(target), "a torch.autograd.Function"
    if type(target).__module__.startswith(("jax", "jaxlib")):
        return pulled(target), "a JAX function, differentiated by jax.vjp"
    if shares_context(target):
        return remembered(target), CONTEXT
    if isinstance(target, type) or not callable(target):
        return None
    if type(target).__module__.startswith("autograd.") or _uses(target, "autograd.numpy"):
        return traced(target), "a function of autograd, differentiated by make_vjp"
    if _uses(target, "jax") or _uses(target, "jax.numpy"):
        return pulled(target), "a JAX function, differentiated by jax.vjp"
    if _uses(target, "torch") or _uses(target, "torch.nn.functional"):
        return differentiated(target), "a torch function, differentiated by torch.autograd"
    return None


def joined(forward: Any, backward: Any) -> tuple[Callable[..., Any], str] | None:
    """Return one function for a pair that shares a context, and what was assumed of it."""
    return (remembered(forward, backward), CONTEXT) if shares_context(forward, backward) else None


def tape_of(target: Any) -> tuple[Callable[..., Any], str] | None:
    """Return a function of arrays for one of a home-made tensor that its module knows."""
    names = getattr(inspect.unwrap(target), "__globals__", {}) if callable(target) else {}
    found = (names.get(name) for name in TENSORS)
    tensor = next((kind for kind in found if callable(getattr(kind, "backward", None))), None)
    if tensor is None:
        return None
    return taped(target, tensor), f"home-made autograd of {tensor.__name__}"


def class_of(target: Any) -> tuple[Any, str] | None:
    """Return a class of plain objects for a ``torch.nn.Module``, and what was assumed of it."""
    kind = target if isinstance(target, type) else type(target)
    if not _derives(kind, "torch.nn.modules.module"):
        return None
    return wrapped(target), "a torch.nn.Module, differentiated by torch.autograd"


def _derives(kind: Any, module: str) -> bool:
    """Tell whether a class derives from one of a framework's, by name: nothing is imported."""
    bases = kind.__mro__ if isinstance(kind, type) else ()
    return any(base.__module__ == module for base in bases)


def _uses(function: Any, module: str) -> bool:
    """Tell whether a function's own names hold a module."""
    names = getattr(inspect.unwrap(function), "__globals__", {})
    found = sys.modules.get(module)
    code = getattr(inspect.unwrap(function), "__code__", None)
    asked = {name: names.get(name) for name in getattr(code, "co_names", ())}
    return found is not None and any(
        value is found or getattr(value, "__module__", "") == module
        for value in asked.values()
        if isinstance(value, ModuleType) or callable(value)
    )
