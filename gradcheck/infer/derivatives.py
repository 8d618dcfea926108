"""Derivatives: a flag of a function, or a method beside the one that evaluates."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from gradcheck.infer.arguments import parameters_of
from gradcheck.infer.naming import BACKWARD, DERIVATIVE, FLAGS, FUNCTION


def pair(target: Any) -> tuple[Callable[..., Any], Callable[..., Any]] | None:
    """Return a function and its derivative, if the target is made of these."""
    if inspect.isfunction(target):
        flag = next((p.name for p in parameters_of(target) if p.name in FLAGS), None)
        return None if flag is None else (_without(target, flag), _with(target, flag))
    if any(callable(getattr(target, name, None)) for name in BACKWARD):
        return None
    prime = next((n for n in DERIVATIVE if callable(getattr(target, n, None))), None)
    if prime is None or not hasattr(target, prime):
        return None
    names = (n for n in FUNCTION if callable(getattr(target, n, None)))
    forward = next((n for n in names if n != "__call__" or _calls(target)), None)
    if forward is None:
        return None
    if not isinstance(target, type):
        return getattr(target, forward), getattr(target, prime)
    return _of_class(target, forward), _of_class(target, prime)


def _calls(target: Any) -> bool:
    """Tell whether instances can be called; every class can, to make one."""
    kind = target if isinstance(target, type) else type(target)
    return any("__call__" in vars(base) for base in kind.__mro__)


def _of_class(kind: type, method: str) -> Callable[..., Any]:
    """Return a method as a function that takes the arguments of the class by name, too."""
    own = list(inspect.signature(getattr(kind, method)).parameters.values())[1:]
    taken = {p.name for p in own}
    made_of = [p for p in parameters_of(kind) if p.name not in taken]

    def call(*args: Any, **kwargs: Any) -> Any:
        told = {p.name: kwargs.pop(p.name) for p in made_of if p.name in kwargs}
        return getattr(kind(**told), method)(*args, **kwargs)

    starred = [p for p in own if p.kind is p.VAR_KEYWORD]
    plain = [p for p in own if p.kind is not p.VAR_KEYWORD]
    further = [p.replace(kind=p.KEYWORD_ONLY) for p in made_of]
    call.__signature__ = inspect.Signature([*plain, *further, *starred])  # type: ignore[attr-defined]
    call.__name__ = kind.__name__
    return call


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
