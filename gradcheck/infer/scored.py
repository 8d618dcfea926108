"""Scored: how a loss is called, whatever it is made of, and what its gradient is called with."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.infer import derivatives, frameworks
from gradcheck.infer.arguments import Way, called, parameters_of, ways
from gradcheck.infer.inferred import CannotInfer
from gradcheck.infer.naming import ARRAYS, BACKWARD, DERIVATIVE, FUNCTION
from gradcheck.infer.scope import Scope

PREDICTED = (
    "y_pred", "yhat", "y_hat", "pred", "preds", "prediction", "predictions", "predicted", "output",
    "outputs", "out", "logits", "scores", "x", "X", "p", "probs", "prob", "probabilities", "a", "A",
    "AL", "z", "Z", "h", "input", "inputs", "Y_hat", "Y_pred", "y_p", "yp",
)  # fmt: skip
TRUE = (
    "y_true", "t", "target", "targets", "label", "labels", "truth", "ground_truth", "gt", "true",
    "actual", "expected", "Y_true", "desired", "tgt", "onehot", "one_hot", "yt",
)  # fmt: skip
VALUE = ("loss", "forward", "calc_loss", "compute_loss", "cost", "error", *FUNCTION)
SLOPE = (*BACKWARD, *DERIVATIVE, "delta", "loss_prime", "loss_derivative", "dloss", "d_loss")


@dataclass(frozen=True)
class Scored:
    """A value and its gradient: two functions, one that gives both, or methods of an object."""

    name: str
    make: Callable[[], tuple[Callable[..., Any], Callable[..., Any] | None]]
    orders: tuple[tuple[str, str], ...]

    def value(self, told: Mapping[str, Any], order: tuple[str, str]) -> tuple[Any, Any]:
        """Return the value, and a function from a cotangent to the gradient of the predictions."""
        forward, backward = self.make()
        taken = parameters_of(forward)
        names = dict(zip((p.name for p in taken), order, strict=False))
        returned = forward(*(told[token] for token in order))
        output, cache = returned if isinstance(returned, tuple) else (returned, None)

        def back(cotangent: Any) -> Any:
            if backward is not None:
                return self._called(backward, names, {**told, "cache": cache}, cotangent)
            if callable(cache):
                return cache(cotangent)
            return _times(cotangent, cache)

        return output, back

    def _called(
        self, backward: Callable[..., Any], names: Mapping[str, str], known: Mapping[str, Any],
        cotangent: Any,
    ) -> Any:  # fmt: skip
        tokens = _tokens(backward, names)
        seeded = "dy" in tokens.values()
        scope = {**known, "dy": cotangent}
        found = backward(**{name: scope[token] for name, token in tokens.items()})
        found = found[0] if isinstance(found, tuple) else found
        return found if seeded else _times(cotangent, found)


def _times(cotangent: Any, gradient: Any) -> Any:
    """Return the gradient of the value, times the cotangent of each sample or of all."""
    if not isinstance(gradient, np.ndarray):
        return gradient
    dy = np.asarray(cotangent)
    return dy.reshape(dy.shape + (1,) * (gradient.ndim - dy.ndim)) * gradient


def _tokens(backward: Callable[..., Any], names: Mapping[str, str]) -> dict[str, str]:
    """Return what each parameter of a backward means, those with a default where it is known."""
    found: dict[str, str] = {}
    for parameter in parameters_of(backward):
        name = parameter.name
        known = names.get(name) or _token(name)
        if known is None and parameter.default is parameter.empty:
            known = "cache"
        if known is not None:
            found[name] = known
    if [*found.values()] == ["pred"] and not names.keys() & found.keys():
        return dict.fromkeys(found, "cache")
    return found


def _token(name: str) -> str | None:
    if name in PREDICTED:
        return "pred"
    if name in TRUE or name in ("y", "Y"):
        return "true"
    return "dy" if name in ARRAYS["dy"] else "cache" if name in ARRAYS["cache"] else None


def scored(target: Any, backward: Any, extra: Mapping[str, Any]) -> Scored:
    """Return how a loss is called.

    Raises
    ------
    CannotInfer
        If it has no value or no gradient.
    """
    if backward is not None:
        return _scored(called(target), lambda: (target, backward), target)
    plain = frameworks.function_of(target)
    if plain is not None:
        return _scored(called(target), lambda: (plain[0], None), plain[0])
    flagged = derivatives.pair(target) if inspect.isfunction(target) else None
    if flagged is not None:
        return _scored(called(target), lambda: flagged, flagged[0])
    if inspect.isfunction(target) and len(parameters_of(target)) >= 2:
        return _scored(called(target), lambda: (target, None), target)
    return _of_objects(target, extra)


def _of_objects(target: Any, extra: Mapping[str, Any]) -> Scored:
    makes = isinstance(target, type) or (callable(target) and not _named(target, SLOPE))
    way = ways(target, extra)[0] if makes else Way({}, {})
    scope = Scope({}, {}, extra)

    def made() -> Any:
        return way.call(target, scope) if makes else copy.deepcopy(target)

    sample = made()
    value, slope = _named(sample, VALUE), _named(sample, SLOPE)
    if not (value and slope):
        raise CannotInfer(
            f"{called(target)} has no method for the {'gradient' if value else 'value'} of a loss "
            f"({', '.join((SLOPE if value else VALUE)[:4])}, ...)"
        )

    def both() -> tuple[Any, Any]:
        fresh = made()
        return getattr(fresh, value), getattr(fresh, slope)

    return _scored(called(target if isinstance(target, type) else type(sample)), both, both()[0])


def _named(target: Any, names: tuple[str, ...]) -> str:
    return next((n for n in names if n != "__call__" and callable(getattr(target, n, None))), "")


def _scored(name: str, make: Callable[[], Any], forward: Any) -> Scored:
    return Scored(name, make, _orders(forward))


def _orders(forward: Any) -> tuple[tuple[str, str], ...]:
    """Return the orders of predictions and targets that the names allow, the likelier first."""
    first, second = ([p.name for p in parameters_of(forward)] + ["", ""])[:2]
    if second in PREDICTED and first not in PREDICTED:
        return (("true", "pred"),)
    if first in TRUE and second not in TRUE:
        return (("true", "pred"),)
    if first in PREDICTED or second in TRUE:
        return (("pred", "true"),)
    return ("pred", "true"), ("true", "pred")
