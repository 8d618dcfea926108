"""HIPS autograd: functions of its NumPy, primitives with a vjp of one's own most of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from gradcheck.adapt._closure import closure
from gradcheck.adapt._functional import Functional


def autograd(
    function: Callable[..., Any], inputs: Sequence[str] | None = None, *, name: str | None = None
) -> Functional:
    """Make a layer of a function that ``autograd.make_vjp`` differentiates.

    Parameters
    ----------
    function : callable
        ``function(*arrays, **config)`` gives an array; a primitive needs its ``defvjp``.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form.
    """
    return closure(traced(function), inputs, name=name)


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arrays that gives its output and its pullback, by ``make_vjp``."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        from autograd import make_vjp

        keys = [*range(len(args)), *kwargs]
        given = dict(zip(keys, [*args, *kwargs.values()], strict=True))
        leaves = [k for k, a in given.items() if isinstance(a, np.ndarray)]

        def of(held: Any) -> Any:
            told = {**given, **dict(zip(leaves, held, strict=True))}
            return function(*(told[i] for i in range(len(args))), **{k: told[k] for k in kwargs})

        vjp, y = make_vjp(of)(tuple(given[k] for k in leaves))

        def back(dy: Any) -> Any:
            found = vjp(dy)
            return dict(zip(leaves, found, strict=True)) if kwargs and not args else tuple(found)

        return y, back

    return call
