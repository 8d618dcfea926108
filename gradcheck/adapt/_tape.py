"""Tapes: home-made autograd. Wrap the arrays, call, seed, ``y.backward()``, read ``.grad``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from gradcheck.adapt._closure import closure
from gradcheck.adapt._functional import Functional

SEEDS = ("argument", "attribute", "product")
_NAMED = ("grad", "gradient", "dy", "g", "seed", "upstream", "gy", "grad_output", "dout", "d")


def tape(
    function: Callable[..., Any],
    wrap: Callable[[Any], Any],
    inputs: Sequence[str] | None = None,
    *,
    seed: str = "",
    name: str | None = None,
) -> Functional:
    """Make a layer of a function of somebody's own tensors.

    Parameters
    ----------
    function : callable
        ``function(*tensors, **config)`` gives a tensor.
    wrap : callable
        Makes a tensor of an array: the class, ``Tensor``, or ``lambda a: Tensor(a, True)``.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them.
    seed : str
        How the cotangent is handed over: ``"argument"`` of ``y.backward(dy)``, ``"attribute"``
        ``y.grad`` before ``y.backward()``, or ``"product"``, the backward of the sum of
        ``y * wrap(dy)``. Empty: an argument if backward takes one that is named so, else a product.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form.

    Raises
    ------
    ValueError
        If ``seed`` is none of those above.
    """
    if seed not in ("", *SEEDS):
        raise ValueError(f"seed={seed!r}; it is one of {', '.join(SEEDS)}")
    return closure(taped(function, wrap, seed), inputs, name=name)


def taped(function: Callable[..., Any], wrap: Callable[[Any], Any], seed: str = "") -> Any:
    """Return a function of arrays that gives its output and its pullback."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        def evaluated() -> tuple[Any, dict[Any, Any]]:
            told: dict[Any, Any] = {
                k: _wrapped(a, wrap) for k, a in [*enumerate(args), *kwargs.items()]
            }
            y = function(*(told[i] for i in range(len(args))), **{k: told[k] for k in kwargs})
            given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
            return y, {k: told[k] for k, a in given.items() if isinstance(a, np.ndarray)}

        def back(dy: Any) -> Any:
            y, leaves = evaluated()  # anew: gradients add up in tensors that are used again
            _seeded(y, dy, wrap, seed or _how(y))
            found = {k: _array(tensor.grad) for k, tensor in leaves.items()}
            return found if kwargs and not args else tuple(found.values())

        return _array(evaluated()[0]), back

    return call


def _wrapped(value: Any, wrap: Callable[[Any], Any]) -> Any:
    return wrap(value.copy()) if isinstance(value, np.ndarray) else value


def _how(y: Any) -> str:
    parameters = inspect.signature(y.backward).parameters
    return "argument" if any(name in _NAMED for name in parameters) else "product"


def _seeded(y: Any, dy: Any, wrap: Callable[[Any], Any], seed: str) -> None:
    if seed == "argument":
        try:
            y.backward(dy)
        except (TypeError, AttributeError):  # it wants a tensor of its own
            y.backward(wrap(dy))
    elif seed == "attribute":
        y.grad = dy if isinstance(y.grad, np.ndarray) else wrap(dy)
        y.backward()
    else:
        (y * wrap(dy)).sum().backward()


def _array(held: Any) -> Any:
    """Return the array in a tensor, in a tensor's gradient, which may be a tensor itself."""
    for _ in range(3):
        if held is None or isinstance(held, np.ndarray):
            return held
        held = next(
            (getattr(held, n) for n in ("data", "value", "array") if hasattr(held, n)), None
        )
    return None
