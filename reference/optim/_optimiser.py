"""Optimiser: from parameters, gradients and memory to the next parameters and memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .._types import Array

Memory = TypeVar("Memory")


@dataclass(frozen=True, kw_only=True)
class Optimiser(ABC, Generic[Memory]):
    """What every optimiser has: a step for dicts of arrays, made of a step for one array.

    Attributes
    ----------
    lr : float
        Learning rate.
    weight_decay : float
        Adds ``weight_decay * parameter`` to the gradient: the gradient of a penalty
        ``weight_decay / 2 * |parameter|^2``.
    maximize : bool
        Ascend instead of descending.
    """

    lr: float
    weight_decay: float = 0
    maximize: bool = False

    def __post_init__(self) -> None:
        at_least_0(self, "lr", "weight_decay")

    def start(self, parameters: Mapping[str, Array]) -> dict[str, Memory]:
        """Return the memory before the first step.

        Parameters
        ----------
        parameters : Mapping[str, array]
            By name.
        """
        return {name: self.initial(parameter) for name, parameter in parameters.items()}

    def step(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        memory: Mapping[str, Memory],
    ) -> tuple[dict[str, Array], dict[str, Memory]]:
        """Return the parameters and the memory after one step.

        Parameters
        ----------
        parameters, gradients : Mapping[str, array]
            By name, of one shape and dtype each. A parameter without a gradient stays.
        memory : Mapping[str, Any]
            From `start`, or from the last step.

        Raises
        ------
        ValueError
            If a gradient has no parameter, or another shape or dtype than its parameter.
        """
        moved, remembered = dict(parameters), dict(memory)
        for name, gradient in gradients.items():
            parameter = _parameter(parameters, name, gradient)
            gradient = -gradient if self.maximize else gradient
            moved[name], remembered[name] = self.move(parameter, gradient, memory[name])
        return moved, remembered

    @abstractmethod
    def initial(self, parameter: Array) -> Memory:
        """Return the memory of one parameter before the first step."""

    @abstractmethod
    def move(self, parameter: Array, gradient: Array, memory: Memory) -> tuple[Array, Memory]:
        """Return one parameter and its memory after a step."""

    def decayed(self, parameter: Array, gradient: Array) -> Array:
        """Return the gradient with that of the penalty."""
        return gradient + self.weight_decay * parameter if self.weight_decay else gradient


def at_least_0(settings: Any, *names: str) -> None:
    """Raise ValueError unless each of the settings is 0 or more."""
    for name in names:
        if not getattr(settings, name) >= 0:
            raise _wrong(settings, name, "be 0 or more")


def share(settings: Any, name: str, value: float) -> None:
    """Raise ValueError unless the value, a weight of what was before, is from 0 to below 1."""
    if not 0 <= value < 1:
        raise _wrong(settings, name, "lie between 0 and 1, without 1")


def _wrong(settings: Any, name: str, must: str) -> ValueError:
    kind, value = type(settings).__name__, getattr(settings, name)
    return ValueError(f"{kind}: {name}={value!r}; it has to {must}")


def _parameter(parameters: Mapping[str, Array], name: str, gradient: Array) -> Array:
    if name not in parameters:
        raise ValueError(f"no parameter is called {name!r}; there are {', '.join(parameters)}")
    parameter = parameters[name]
    if (parameter.shape, parameter.dtype) != (gradient.shape, gradient.dtype):
        raise ValueError(
            f"the gradient of {name} is {gradient.dtype} {gradient.shape}, the parameter "
            f"{parameter.dtype} {parameter.shape}: a gradient has the form of its parameter"
        )
    return parameter
