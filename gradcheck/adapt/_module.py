"""Modules: a ``torch.nn.Module`` as a function of its inputs and its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradcheck.adapt._tensors import to_array
from gradcheck.layer import Array


def is_module(target: Any) -> bool:
    """Tell whether an object is a module, by its base's name: torch is not imported for it."""
    return any(base.__module__ == "torch.nn.modules.module" for base in type(target).__mro__)


def parameters(module: Any) -> dict[str, Array]:
    """Return copies of a module's parameters by name."""
    return {name: to_array(p).copy() for name, p in module.named_parameters()}


def applied(
    module: Any, inputs: Sequence[Any], held: Mapping[str, Any], settings: Mapping[str, Any]
) -> Any:
    """Return the module's output where its parameters are other tensors.

    What it keeps beside them, as running statistics, is taken along as a copy in their precision:
    the module stays as it is, and one call says nothing to the next.
    """
    import torch

    given = (t for t in (*inputs, *held.values()) if t is not None)
    like = next(t for t in given if t.is_floating_point())  # labels are integers
    kept = {
        name: b.to(device=like.device, dtype=like.dtype if b.is_floating_point() else b.dtype)
        for name, b in module.named_buffers()
    }
    copies = {name: b.clone() for name, b in kept.items()}
    return torch.func.functional_call(module, {**copies, **held}, tuple(inputs), dict(settings))
