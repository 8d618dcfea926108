"""A pair of functions: ``forward(x, weight, bias, **config) -> (y, cache)``, ``backward``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradcheck.violation import Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Pullback

ORDER = ("x", "weight", "bias")


@dataclass(frozen=True)
class Functional:
    """A layer made of two functions."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: tuple[str, ...]
    name: str
    assumed: bool = False
    """True if the names of the inputs were read off the signature, not said."""
    own: Mapping[str, Array] = field(default_factory=dict, compare=False)
    """Arrays of the layer's own, for inputs that `gradcheck.check` is not given."""

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, dict(config))

    def taking(self, inputs: tuple[str, ...]) -> Functional:
        """Return the layer with its inputs named as a spec names them, unless they were said."""
        return replace(self, inputs=inputs) if self.assumed else self


@dataclass(frozen=True)
class _Configured:
    layer: Functional
    config: dict[str, Any]

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        names = self.layer.inputs
        returned = self.layer.forward(*map(inputs.get, names), **self.config)
        if not (isinstance(returned, tuple) and len(returned) == 2):
            raise Violation(
                "output", f"forward returned {_describe(returned)}; expected a pair (y, cache)"
            )
        output, cache = returned

        def pullback(cotangent: Array) -> Gradients:
            return _by_name(self.layer.backward(cotangent, cache), names)

        return output, pullback


def functional(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Sequence[str] | None = None,
    *,
    name: str | None = None,
) -> Functional:
    """Make a layer of a forward and a backward function.

    Parameters
    ----------
    forward : callable
        ``forward(*inputs, **config) -> (y, cache)``: the arrays by position in the order of
        ``inputs`` (None for an absent bias), the config by keyword.
    backward : callable
        ``backward(dy, cache) -> gradients``: a tuple in the same order, a dict by name, or the
        bare array where there is one input.
    inputs : sequence of str, optional
        Names of the arrays. By default those of the spec the layer is held against; without a
        spec ``("x", "weight", "bias")``, or as many of them as ``forward`` takes by position.
    name : str, optional
        What reports call the layer; by default the name of ``forward``.

    Returns
    -------
    Functional
        A layer in its normal form.

    Raises
    ------
    TypeError
        If ``forward`` or ``backward`` cannot be called, or ``inputs`` is a bare string.

    Examples
    --------
    >>> layer = functional(lambda x: (2 * x, None), lambda dy, cache: 2 * dy, name="double")
    >>> layer.inputs
    ('x',)
    """
    for role, function in (("forward", forward), ("backward", backward)):
        if not callable(function):
            raise TypeError(f"{role}={function!r} is not callable; hand over the function itself")
    if isinstance(inputs, str):
        raise TypeError(f"inputs={inputs!r} is a string; write inputs=({inputs!r},)")
    names = tuple(inputs) if inputs is not None else ORDER[: _arrays_taken(forward)]
    return Functional(forward, backward, names, name or _name_of(forward), inputs is None)


def _arrays_taken(forward: Callable[..., Any]) -> int:
    """Count the arrays a forward takes by position: those without a default, or named so."""
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):  # a builtin without a signature
        return len(ORDER)
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    taken = [p for p in parameters if p.kind in positional]
    arrays = [p for p in taken if p.default is inspect.Parameter.empty or p.name in ORDER]
    return min(max(len(arrays), 1), len(ORDER))


def _name_of(forward: Callable[..., Any]) -> str:
    name: str = getattr(forward, "__name__", type(forward).__name__)
    if name == "<lambda>":
        return "layer"
    return name.removesuffix("_forward").removeprefix("forward_") or name


def _by_name(returned: Any, names: tuple[str, ...]) -> Gradients:
    if isinstance(returned, tuple) and len(returned) == len(names):
        return dict(zip(names, returned, strict=True))
    if isinstance(returned, Mapping):
        if unknown := sorted(set(returned) - set(names)):
            raise Violation(
                "", f"backward returned a gradient for {unknown[0]!r}; the inputs are {names}"
            )
        return returned
    if not isinstance(returned, (tuple, list)):
        if len(names) == 1:
            return {names[0]: returned}
        raise Violation(
            "",
            f"backward returned {_describe(returned)}; expected a tuple of {len(names)} gradients "
            f"for {names}",
        )
    if len(returned) != len(names):
        raise Violation(
            "",
            f"backward returned {len(returned)} gradients, the layer's inputs are {names}: return "
            f"one for each, None for an absent one",
        )
    return dict(zip(names, returned, strict=True))


def _describe(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    shape = getattr(value, "shape", None)
    return f"an array of shape {shape}" if shape is not None else f"a {type(value).__name__}"
