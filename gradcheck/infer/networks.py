"""Networks: a loss and the gradients of its parameters, at data that the user gives.

The parameters are the inputs of the layer, and the loss is its output, a number; what the loss is
told besides, samples and labels, is held fixed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.adapt._functional import functional
from gradcheck.adapt._seeded import seeded
from gradcheck.infer.arguments import called, parameters_of
from gradcheck.infer.inferred import CannotInfer
from gradcheck.violation import Violation

HELD = ("params", "parameters", "weights", "theta")
LOSS = ("loss", "cost", "compute_loss", "compute_cost", "loss_function", "calc_loss", "objective")
SLOPES = ("gradient", "gradients", "backward", "backprop", "grad", "grads", "compute_gradients")
LEFT = ("grads", "gradients", "dparams", "grad", "d_params")
FORMS = ("{}", "d{}", "d_{}", "grad_{}", "{}_grad", "grad{}", "{}.grad")


@dataclass(frozen=True)
class Network:
    """A network in its normal form, the point to check it at, and what was assumed."""

    layer: Any
    point: Mapping[str, Any]
    assumed: tuple[str, ...]


def infer(target: Any, given: Mapping[str, Any], extra: Mapping[str, Any]) -> Network:
    """Return the layer that a network's loss is.

    Parameters
    ----------
    target : object
        A class, a factory or an instance that keeps its parameters in a dict, or a function of
        them that returns the loss and the gradients.
    given : Mapping
        What the loss is told, by its own argument names; for a function the parameters as well.
    extra : Mapping
        Arguments of the class or the factory.

    Raises
    ------
    CannotInfer
        If there are no parameters, no loss, or no gradients.
    """
    instance = any(isinstance(getattr(target, name, None), dict) for name in HELD)
    first = [p.name for p in parameters_of(target)] if callable(target) else []
    if not instance and callable(target) and set(first) & set(given):
        return _of_function(target, given)
    made = target(**extra) if callable(target) and not instance else copy.deepcopy(target)
    return _of_object(made, given)


def _of_function(function: Callable[..., Any], given: Mapping[str, Any]) -> Network:
    """Return the network of a function: parameters in a dict, or every float array but the data."""
    held = next((n for n, a in given.items() if isinstance(a, Mapping)), "")
    if held:
        params, told = dict(given[held]), f"the parameters in {held}"
    else:
        returned = function(**given)
        params = {n: given[n] for n in given if _of(n, _parted(returned)[1]) is not None}
        told = f"the parameters {', '.join(params)}"

    def value(arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        known = {n: copy.deepcopy(a) for n, a in given.items()}
        return _parted(function(**{**known, **({held: dict(arrays)} if held else arrays)}))

    return _network(called(function), params, value, told)


def _of_object(network: Any, given: Mapping[str, Any]) -> Network:
    held = next((n for n in HELD if isinstance(getattr(network, n, None), dict)), "")
    loss = next((n for n in LOSS if callable(getattr(network, n, None))), "")
    if not (held and loss):
        raise CannotInfer(
            f"{called(type(network))} has no {'method loss' if held else 'dict of params'}; name a "
            f"function of the parameters that returns the loss and the gradients"
        )
    slopes = next((n for n in SLOPES if callable(getattr(network, n, None))), "")

    def value(arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        fresh = copy.deepcopy(network)
        for name, array in arrays.items():  # in place: layers may hold the same arrays
            getattr(fresh, held)[name][...] = array
        returned = _told(getattr(fresh, loss), given)
        if isinstance(returned, tuple):
            return _parted(returned)
        found = _told(getattr(fresh, slopes), given) if slopes else None
        left = next(
            (getattr(fresh, n) for n in LEFT if isinstance(getattr(fresh, n, None), dict)), None
        )
        return returned, left if found is None else found

    told = f"the parameters in .{held}, the loss of {loss}" + (
        f", the gradients of {slopes}" if slopes else ""
    )
    return _network(called(type(network)), getattr(network, held), value, told)


def _told(method: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """Call a method with copies of what it takes of what is given."""
    names = [p.name for p in parameters_of(method)]
    if unknown := [
        p.name for p in parameters_of(method) if p.name not in given and p.default is p.empty
    ]:
        raise CannotInfer(f"{called(method)} takes {unknown[0]!r}, which the inputs do not hold")
    return method(**{n: copy.deepcopy(given[n]) for n in names if n in given})


def _parted(returned: Any) -> tuple[Any, Any]:
    if not (isinstance(returned, tuple) and len(returned) > 1):
        raise CannotInfer("a function of the parameters returns the loss and the gradients")
    value, *grads = returned
    return value, grads[0] if len(grads) == 1 else tuple(grads)


def _network(
    name: str, params: Mapping[str, Any], value: Callable[[Mapping[str, Any]], Any], told: str
) -> Network:
    point = {n: np.asarray(a) for n, a in params.items() if np.asarray(a).dtype.kind == "f"}
    if not point:
        raise CannotInfer(f"{name} has no parameters that are arrays of floats")
    names = tuple(point)
    _runs(value, point)

    def forward(*arrays: Any) -> tuple[Any, Any]:
        with seeded():
            loss, grads = value(dict(zip(names, arrays, strict=True)))
        return np.asarray(loss, dtype=arrays[0].dtype), grads

    def backward(dy: Any, grads: Any) -> dict[str, Any]:
        return {n: dy * _found(n, grads, names) for n in names}

    return Network(functional(forward, backward, names, name=name), point, (told,))


def _runs(value: Callable[[Mapping[str, Any]], Any], point: Mapping[str, Any]) -> None:
    """Raise CannotInfer if the loss cannot be called; what else it raises, the check says."""
    try:
        with seeded():
            value(point)
    except CannotInfer:
        raise
    except Exception:
        return


def _found(name: str, grads: Any, names: tuple[str, ...]) -> Any:
    """Return the gradient of a parameter: by name, or by place where there are as many."""
    if isinstance(grads, (list, tuple)) and len(grads) == len(names):
        return grads[names.index(name)]
    found = _of(name, grads)
    if found is None:
        raise Violation(name, f"there is no gradient for the parameter {name}")
    return found


def _of(name: str, grads: Any) -> Any:
    if not isinstance(grads, Mapping):
        return None
    return next((grads[f.format(name)] for f in FORMS if f.format(name) in grads), None)
