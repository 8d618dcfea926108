"""JAX: any function that ``jax.vjp`` differentiates, one with ``jax.custom_vjp`` most of all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from gradcheck.adapt._closure import closure
from gradcheck.adapt._functional import Functional


def jax(
    function: Callable[..., Any], inputs: Sequence[str] | None = None, *, name: str | None = None
) -> Functional:
    """Make a layer of a JAX function; its pullback is ``jax.vjp``'s.

    Parameters
    ----------
    function : callable
        ``function(*arrays, **config)`` gives an array. In float64 it is called with 64 bits
        enabled for this call alone.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form.
    """
    return closure(pulled(function), inputs, name=name)


def pulled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of arrays that gives its output and its pullback, by ``jax.vjp``."""

    @wraps(getattr(function, "__wrapped__", function))
    def call(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        import jax as framework

        with framework.enable_x64(True):
            keys = [*range(len(args)), *kwargs]
            given = dict(zip(keys, [*args, *kwargs.values()], strict=True))
            leaves = {k: a for k, a in given.items() if isinstance(a, np.ndarray)}

            def of(held: dict[Any, Any]) -> Any:
                told = {**given, **held}
                return function(
                    *(told[i] for i in range(len(args))), **{k: told[k] for k in kwargs}
                )

            y, vjp = framework.vjp(of, {k: framework.numpy.asarray(a) for k, a in leaves.items()})

        def back(dy: Any) -> Any:
            with framework.enable_x64(True):
                (found,) = vjp(framework.numpy.asarray(dy))
                arrays = {k: np.asarray(g) for k, g in found.items()}
            return arrays if kwargs and not args else tuple(arrays[k] for k in leaves)

        return np.asarray(y), back

    call.__signature__ = inspect.signature(getattr(function, "fun", function))  # type: ignore[attr-defined]
    return call
