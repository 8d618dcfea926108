"""Arguments: what a parameter of a stranger's function may mean, the likeliest first."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np

from gradcheck.adapt._folded import Recorder
from gradcheck.infer.meanings import (
    KERNELS,
    SIZED,
    Hyperparameters,
    array,
    formed,
    is_dictionary,
    learning_rate,
    pair,
    setting,
)
from gradcheck.infer.naming import (
    ARRAYS,
    BIASED,
    IDENTITY,
    KEEPS,
    NAMED,
    OPTIMISERS,
    OWN,
    RATES,
    SETTINGS,
    SIZES,
    TRAINING,
    meaning,
)
from gradcheck.infer.scope import Meaning, Scope

PAIRED = ("stride", "padding", "dilation", "kernel_size")
WAYS = 48
"""How many ways to call one function are tried."""


Told = tuple[str, str, Meaning | None]
"""A parameter, what it means, and what to tell it; nothing where its default does."""


@dataclass(frozen=True)
class Way:
    """One way to call a function: what to tell each parameter, and what of it is worth saying."""

    told: Mapping[str, Meaning]
    means: Mapping[str, str]

    def arguments(self, scope: Scope) -> tuple[list[Any], dict[str, Any]]:
        """Return positional and keyword arguments."""
        starred = [name for name in self.told if name.startswith("*")]
        named = {n: tell(scope) for n, tell in self.told.items() if n not in starred}
        return [self.told[name](scope) for name in starred], named

    def in_pairs(self) -> Way:
        """Return the way in which settings are told as pairs, not as one number."""
        told, means = dict(self.told), dict(self.means)
        for name, label in self.means.items():
            key, _, form = label.partition(" ")
            if form == "single" and key in PAIRED:
                told[name], means[name] = formed(key, pair), f"{key} pair"
        return Way(told, means)

    def sized(self, *labels: str) -> bool:
        """Tell whether a size or setting is among what is told."""
        return any(label.startswith(labels) for label in self.means.values())

    def call(self, function: Callable[..., Any], scope: Scope) -> Any:
        """Call a function this way."""
        given, named = self.arguments(scope)
        return function(*given, **named)


class UnknownArgument(ValueError):  # noqa: N818 - names what it is
    """A parameter without a default, whose name says nothing that is known."""


def ways(
    function: Callable[..., Any], extra: Mapping[str, Any], arrays: tuple[str, ...] = ()
) -> list[Way]:
    """Return the ways to call a function, the likeliest first.

    Parameters
    ----------
    function : callable
        A class, a method or a function.
    extra : Mapping
        What the user has said of parameters by name.
    arrays : tuple of str
        What the leading parameters mean, whatever they are called.

    Raises
    ------
    UnknownArgument
        If a parameter without a default says nothing that is known.
    """
    choices: list[list[Told]] = []
    for place, parameter in enumerate(parameters_of(function)):
        forced = arrays[place] if place < len(arrays) else ""
        found: list[Told] = list(_meanings(parameter, extra, forced))
        if parameter.default is not parameter.empty and not (forced or parameter.name in extra):
            found.append((parameter.name, "", None))
        if not found:
            raise UnknownArgument(
                f"{called(function)} takes {parameter.name!r}, whose meaning is not known; say it "
                f"with --fix {parameter.name}=VALUE, or hand over an adapter (gradcheck.adapt.oop)"
            )
        choices.append(found)
    return [_way(choice) for choice in islice(product(*choices), WAYS)]


def _way(choice: tuple[Told, ...]) -> Way:
    told = {name: tell for name, _, tell in choice if tell is not None}
    return Way(told, {name: means for name, means, tell in choice if tell is not None})


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a function that can be told by name."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # written in C, and it says nothing
        return []
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p for p in found if p.kind not in variadic]


def takes_no_bias(function: Any) -> bool:
    """Tell whether a function takes a weight, and nothing that could be or hold a bias."""
    if not inspect.isfunction(function):
        return False
    parameters = inspect.signature(function).parameters.values()
    arrays = [meaning(p.name, ARRAYS) for p in parameters]
    return "weight" in arrays and all(
        (means and means not in ("bias", "cache")) or meaning(p.name, SETTINGS)
        for p, means in zip(parameters, arrays, strict=True)
    )


def _meanings(
    parameter: inspect.Parameter, extra: Mapping[str, Any], forced: str
) -> Iterator[tuple[str, str, Meaning]]:
    name, default = parameter.name, parameter.default
    if name in extra:
        yield name, "", lambda scope: scope.extra.get(name, extra[name])
        return
    if forced:
        yield name, forced, array(forced)
        return
    flag = isinstance(default, bool)
    if flag and name in BIASED:
        yield name, "whether there is a bias", lambda scope: scope.arrays.get("bias") is not None
    elif name in TRAINING or (flag and name in KEEPS):
        yield name, "", lambda scope: True
    elif flag and name in OWN:
        yield name, f"{name} {ITSELF}", lambda scope: scope.config.get(name, default)
    elif not flag:
        yield from ((name, means, tell) for means, tell in _by_table(name, default))


ITSELF = "itself"
"""The form of a setting that is told as the spec has it."""


def _by_table(name: str, default: Any) -> Iterator[tuple[str, Meaning]]:
    if name in OWN:
        yield f"{name} {ITSELF}", lambda scope: _own(scope, name)
    for known in (key for key, names in SETTINGS.items() if name in names):
        yield from setting(known, default)
    if name in SETTINGS["kernel_size"] and default is inspect.Parameter.empty:
        yield from KERNELS
    if (size := meaning(name, SIZES)) is not None and (
        default is inspect.Parameter.empty or not callable(default)
    ):
        yield from SIZED[size]
    if (held := meaning(name, ARRAYS)) is not None and held not in ("y", "labels"):
        yield held, array(held)
    if is_dictionary(name):
        yield "settings in a dict", Hyperparameters
    if name in RATES:
        yield "rate", learning_rate
    if name in OPTIMISERS:
        yield "optimiser", lambda scope: Recorder()
    if name in NAMED:
        yield "", lambda scope: "layer"
    if name in IDENTITY and default is inspect.Parameter.empty:
        yield "no activation", lambda scope: None
        yield "no activation", lambda scope: "linear"
        yield "no activation", lambda scope: lambda array: array
    if "rng" in name or "random_state" in name:
        yield "", lambda scope: np.random.RandomState(0)


def _own(scope: Scope, name: str) -> Any:
    if name not in scope.config:
        raise UnknownArgument(f"{name!r} is no setting of this spec: say it by --fix {name}=VALUE")
    return scope.config[name]


def called(target: Any) -> str:
    """Return what to call somebody's function or class."""
    return str(getattr(target, "__name__", type(target).__name__))
