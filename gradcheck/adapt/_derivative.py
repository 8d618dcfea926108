"""Derivatives alone: ``f(x)`` and ``f'(x)``, entry by entry; the chain rule is ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcheck.adapt._functional import Functional, functional

OF = ("x", "y")


def derivative(
    function: Callable[..., Any],
    prime: Callable[..., Any] | str = "derivative",
    *,
    of: str = "x",
    name: str | None = None,
) -> Functional:
    """Make an element-wise layer of a function and its derivative.

    Parameters
    ----------
    function : callable
        ``function(x, **config) -> y``.
    prime : callable or str
        ``prime(x, **config)``, or the flag of ``function(x, derivative=True)`` by its name.
    of : str
        ``"x"``, or ``"y"`` where the derivative is taken of the output, as in ``y * (1 - y)``.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form, whose gradient is dy f'(x).

    Raises
    ------
    ValueError
        If ``of`` is neither.

    Examples
    --------
    >>> import numpy as np
    >>> derivative(np.tanh, lambda y: 1 - y * y, of="y").inputs
    ('x',)
    """
    if of not in OF:
        raise ValueError(f"of={of!r}; the derivative is taken of 'x' or of 'y', the output")

    def forward(x: Any, **config: Any) -> tuple[Any, Any]:
        y = function(x, **config)
        return y, (x if of == "x" else y, config)

    def backward(dy: Any, cache: Any) -> Any:
        at, config = cache
        if isinstance(prime, str):
            return dy * function(at, **config, **{prime: True})
        return dy * prime(at, **config)

    called = name or getattr(function, "__name__", "layer").replace("<lambda>", "layer")
    return functional(forward, backward, ("x",), name=called)
