"""Contexts: ``forward(ctx, x, w)`` saves on ``ctx`` what ``backward(ctx, dy)`` reads from it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from gradcheck.adapt._closure import closure
from gradcheck.adapt._functional import Functional

CONTEXTS = ("ctx", "context")
"""How a context is named, as the first argument of both."""


class Context:
    """What a forward saves for its backward, by any attribute or by ``save_for_backward``.

    Attributes
    ----------
    saved_tensors, saved_values : tuple
        What was saved.
    needs_input_grad : tuple of bool
        True for each argument: every gradient is asked for.
    """

    saved_tensors: tuple[Any, ...] = ()
    needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Save what the backward needs."""
        self.saved_tensors = values

    @property
    def saved_values(self) -> tuple[Any, ...]:
        """Return what was saved."""
        return self.saved_tensors


def context(
    function: Any,
    inputs: Sequence[str] | None = None,
    *,
    backward: Callable[..., Any] | None = None,
    name: str | None = None,
) -> Functional:
    """Make a layer of a forward and a backward of arrays that share a context.

    Parameters
    ----------
    function : class or callable
        A class with ``forward(ctx, *inputs, **config)`` and ``backward(ctx, dy)``; or the first of
        the two, a plain function. A class with a ``save_for_backward`` of its own is the context.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them.
    backward : callable, optional
        The second of two plain functions.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form.

    Examples
    --------
    >>> class Square:
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, dy):
    ...         (x,) = ctx.saved_tensors
    ...         return 2 * x * dy
    >>> context(Square).inputs
    ('x',)
    """
    return closure(remembered(function, backward), inputs, name=name)


def remembered(function: Any, backward: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Return a function of arrays that gives its output and its pullback."""
    forward = function if backward is not None else function.forward
    pulled = backward if backward is not None else function.backward
    own = isinstance(function, type) and hasattr(function, "save_for_backward")
    fresh: Callable[[], Any] = function if own else Context

    def call(*args: Any, **kwargs: Any) -> tuple[Any, Callable[[Any], Any]]:
        held = fresh()
        if isinstance(held, Context):
            held.needs_input_grad = (True,) * (len(args) + len(kwargs))
        return forward(held, *args, **kwargs), lambda dy: pulled(held, dy)

    signature = inspect.signature(forward)
    taken = list(signature.parameters.values())[1:]
    call.__signature__ = signature.replace(parameters=taken)  # type: ignore[attr-defined]
    call.__name__ = getattr(function, "__name__", type(function).__name__)
    return call


def shares_context(function: Any, backward: Any = None) -> bool:
    """Tell whether a class, or a pair of functions, takes a context first in both."""
    if backward is not None:
        return _first(function) in CONTEXTS and _first(backward) in CONTEXTS
    pair = [getattr(function, which, None) for which in ("forward", "backward")]
    return all(_first(one) in CONTEXTS for one in pair) and _unbound(function)


def _first(function: Any) -> str:
    if not inspect.isroutine(function):
        return ""
    try:
        return next(iter(inspect.signature(function).parameters), "")
    except ValueError:  # what is written in C may have none
        return ""


def _unbound(function: Any) -> bool:
    """Tell a context from an object's own self under that name: an object is made of settings."""
    static = isinstance(inspect.getattr_static(function, "forward"), staticmethod)
    return static or getattr(function, "__init__", None) is object.__init__
