"""Torch: functions of tensors, ``autograd.Function`` and ``nn.Module``; theirs is the gradient."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np

from gradcheck.adapt._closure import closure
from gradcheck.adapt._functional import Functional
from gradcheck.adapt._module import applied, is_module, parameters
from gradcheck.adapt._tensors import to_array, to_tensor


def torch(
    function: Callable[..., Any],
    inputs: Sequence[str] | None = None,
    *,
    device: str = "cpu",
    name: str | None = None,
) -> Functional:
    """Make a layer of a torch function, an ``autograd.Function`` or a ``nn.Module``.

    Parameters
    ----------
    function : callable
        ``function(*tensors, **config)`` gives a tensor. A Function is applied; what its forward
        takes beside the tensors is handed over in its order, a setting by its name. The parameters
        of a module are inputs of the layer after the others, and stand at their own values where
        `gradcheck.check` is not given any.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them; of a module those of its call, by default
        ``("x",)``.
    device : str
        ``"cpu"`` or ``"cuda"``. Computed is in the precision of the arrays: arrays of float16 or
        bfloat16 are held against float64.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form.
    """
    if not is_module(function):
        return closure(differentiated(function, device), inputs, name=name)
    own = parameters(function)
    taken = ("x",) if inputs is None else tuple(inputs)

    def call(*tensors: Any, **config: Any) -> Any:
        held = {n: t for n, t in zip(own, tensors[len(taken) :], strict=True) if t is not None}
        return applied(function, tensors[: len(taken)], held, config)

    called = closure(
        differentiated(call, device), (*taken, *own), name=name or type(function).__name__
    )
    return replace(called, own=own)


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
            held = to_tensor(a, device)
            if not held.is_floating_point():
                return held  # labels
            leaves[key] = held.requires_grad_()
            return leaves[key]

        y = applied(
            *(leaf(i, a) for i, a in enumerate(args)), **{k: leaf(k, a) for k, a in kwargs.items()}
        )

        def back(dy: Any) -> Any:
            seed = to_tensor(dy, device)
            found = framework.autograd.grad(
                y, list(leaves.values()), seed, allow_unused=True, retain_graph=True
            )
            held = [
                framework.zeros_like(t) if g is None else g
                for t, g in zip(leaves.values(), found, strict=True)
            ]
            arrays = [to_array(g) for g in held]
            gradients = dict(zip(leaves, arrays, strict=True))
            if kwargs and not args:
                return gradients
            return tuple(gradients.get(i) for i, a in enumerate(args) if _is_input(a))

        return to_array(_one(y)), back

    with suppress(ValueError):  # what is written in C may have none
        call.__signature__ = _signature(told, skip=told is not function)  # type: ignore[attr-defined]
    call.__name__ = getattr(function, "__name__", "layer")
    return call


def _one(y: Any) -> Any:
    """Return the output if it is one tensor.

    Raises
    ------
    TypeError
        If it is anything else, as a recurrent module's tuple.
    """
    if hasattr(y, "requires_grad"):
        return y
    raise TypeError(
        f"it returned a {type(y).__name__}, and a layer has one output, a tensor: choose it, as in "
        "adapt.torch(lambda x: module(x)[0])"
    )


def _is_input(argument: Any) -> bool:
    """Return whether an argument is an array or an absent one; the others are settings."""
    return argument is None or isinstance(argument, np.ndarray)


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
