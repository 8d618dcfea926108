"""Torch: functions of tensors, ``autograd.Function`` and ``nn.Module``; theirs is the gradient."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Any

import numpy as np

from gradcheck.adapt._closure import closure
from gradcheck.adapt._functional import Functional


def torch(
    function: Callable[..., Any],
    inputs: Sequence[str] | None = None,
    *,
    device: str = "cpu",
    name: str | None = None,
) -> Functional:
    """Make a layer of a torch function, or of a ``torch.autograd.Function``.

    Parameters
    ----------
    function : callable
        ``function(*tensors, **config)`` gives a tensor. A Function is applied; what its forward
        takes beside the tensors is handed over in its order, a setting by its name.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them.
    device : str
        ``"cpu"`` or ``"cuda"``. Computed is in the precision of the arrays: arrays of float16 are
        held against float64.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form.
    """
    return closure(differentiated(function, device), inputs, name=name)


def differentiated(function: Any, device: str = "cpu") -> Callable[..., Any]:
    """Return a function of arrays that gives its output and its pullback, by torch's autograd."""
    applied, told = _applied(function)

    @wraps(told)
    def call(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        import torch as framework

        leaves: dict[Any, Any] = {}

        def leaf(key: Any, a: Any) -> Any:
            if not isinstance(a, np.ndarray):
                return a
            held = framework.tensor(np.ascontiguousarray(a), device=device)
            if not held.is_floating_point():
                return held  # labels
            leaves[key] = held.requires_grad_()
            return leaves[key]

        y = applied(
            *(leaf(i, a) for i, a in enumerate(args)), **{k: leaf(k, a) for k, a in kwargs.items()}
        )

        def back(dy: Any) -> Any:
            seed = framework.tensor(np.ascontiguousarray(dy), device=device)
            found = framework.autograd.grad(
                y, list(leaves.values()), seed, allow_unused=True, retain_graph=True
            )
            held = [
                framework.zeros_like(t) if g is None else g
                for t, g in zip(leaves.values(), found, strict=True)
            ]
            arrays = [g.detach().cpu().numpy() for g in held]
            gradients = dict(zip(leaves, arrays, strict=True))
            return gradients if kwargs and not args else tuple(arrays)

        return y.detach().cpu().numpy(), back

    with suppress(ValueError):  # what is written in C may have none
        call.__signature__ = _signature(told, skip=told is not function)  # type: ignore[attr-defined]
    call.__name__ = getattr(function, "__name__", "layer")
    return call


def _applied(function: Any) -> tuple[Callable[..., Any], Any]:
    """Return what to call, and whose signature says what it takes."""
    if not (isinstance(function, type) and hasattr(function, "apply")):
        return function, function
    names = [*inspect.signature(function.forward).parameters]  # type: ignore[attr-defined]
    context = "setup_context" not in vars(function)

    def apply(*args: Any, **kwargs: Any) -> Any:
        order = names[context:][len(args) :]
        usual = inspect.signature(function.forward).parameters  # type: ignore[attr-defined]
        return function.apply(*args, *(kwargs.get(n, usual[n].default) for n in order))

    return apply, function.forward  # type: ignore[attr-defined]


def _signature(told: Any, *, skip: bool) -> inspect.Signature:
    signature = inspect.signature(told)
    parameters = list(signature.parameters.values())
    context = skip and parameters and parameters[0].name in ("ctx", "self", "context", "_")
    return signature.replace(parameters=parameters[bool(context) :])
