"""Closures: ``y, back = f(x, weight, bias, **config)``, ``back(dy)`` gives the gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gradcheck.adapt._functional import Functional, functional


def closure(
    function: Callable[..., Any], inputs: Sequence[str] | None = None, *, name: str | None = None
) -> Functional:
    """Make a layer of a function that returns its pullback with its output.

    Parameters
    ----------
    function : callable
        ``function(*inputs, **config) -> (y, back)``; ``back(dy)`` gives a tuple in the order of
        ``inputs``, a dict by name, or the bare gradient where there is one input.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form.

    Examples
    --------
    >>> closure(lambda x: (x * x, lambda dy: 2 * x * dy)).inputs
    ('x',)
    """
    return functional(function, _called_back, inputs, name=name)


def _called_back(cotangent: Any, back: Callable[[Any], Any]) -> Any:
    return back(cotangent)
