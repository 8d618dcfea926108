"""Derivatives: a flag of a function, or a method beside the one that evaluates."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from gradcheck.infer.arguments import parameters_of
from gradcheck.infer.naming import BACKWARD, DERIVATIVE, FLAGS, FUNCTION

if TYPE_CHECKING:
    from gradcheck.infer.inferred import Said


def pair(target: Any, said: Said) -> tuple[Callable[..., Any], Callable[..., Any]] | None:
    """Return a function and its derivative, if the target is made of these."""
    if inspect.isfunction(target):
        flag = next((p.name for p in parameters_of(target) if p.name in FLAGS), None)
        return None if flag is None else (_without(target, flag), _with(target, flag))
    if any(callable(getattr(target, name, None)) for name in BACKWARD):
        return None
    prime = next((n for n in DERIVATIVE if callable(getattr(target, n, None))), None)
    if prime is None or not hasattr(target, prime):
        return None
    made = _made(target, said)
    forward = next((n for n in FUNCTION if callable(getattr(made, n, None))), None)
    return None if forward is None else (getattr(made, forward), getattr(made, prime))


def _made(target: Any, said: Said) -> Any:
    """Return an instance; a class makes it of its defaults and of what was said."""
    return target(**said.extra) if isinstance(target, type) else target


def _without(function: Callable[..., Any], flag: str) -> Callable[..., Any]:
    return _signed(partial(function), function, flag)


def _with(function: Callable[..., Any], flag: str) -> Callable[..., Any]:
    return _signed(partial(function, **{flag: True}), function, flag)


def _signed(told: partial[Any], function: Callable[..., Any], flag: str) -> Callable[..., Any]:
    """Return a function of the parameters that are left."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return told(*args, **kwargs)

    signature = inspect.signature(function)
    left = [p for name, p in signature.parameters.items() if name != flag]
    call.__signature__ = signature.replace(parameters=left)  # type: ignore[attr-defined]
    call.__name__ = function.__name__
    return call
