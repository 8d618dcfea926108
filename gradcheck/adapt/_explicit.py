"""Explicit tensors: ``backward(dy, w, x, ...) -> dw, db, dx``, the order told by a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcheck.adapt._functional import _by_name

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Pullback


@dataclass(frozen=True)
class Explicit:
    """Functions of explicit tensors, and the order of what they take and give."""

    forward: Callable[..., Any]
    takes: tuple[str, ...]
    backwards: tuple[tuple[Callable[..., Any], tuple[str, ...], tuple[str, ...]], ...]
    inputs: tuple[str, ...]
    name: str

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, dict(config))


@dataclass(frozen=True)
class _Configured:
    layer: Explicit
    config: dict[str, Any]

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        known: dict[str, Any] = {**self.config, **inputs}
        output = self.layer.forward(*(known[name] for name in self.layer.takes))

        def pullback(cotangent: Array) -> Gradients:
            found: dict[str, Any] = {}
            for function, takes, gives in self.layer.backwards:
                scope = {**known, "y": output, "dy": cotangent}
                names = tuple(name.removeprefix("d") for name in gives)
                found.update(_by_name(function(*(scope[name] for name in takes)), names))
            return found

        return output, pullback


def explicit(
    forward: Callable[..., Any],
    takes: str,
    *backwards: tuple[Callable[..., Any], str],
    name: str | None = None,
) -> Explicit:
    """Make a layer of functions that take every tensor by position.

    Parameters
    ----------
    forward : callable
        Gives y alone.
    takes : str
        What it takes, in order: ``"x, weight, bias, stride"``: inputs and config keys.
    *backwards : pairs of callable and str
        Each with its order: ``(backward, "dy, weight, x, stride -> dweight, dbias, dx")``. ``y``
        is the output. Several where each gradient has a function of its own.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Explicit
        A layer in its normal form, whose inputs are those that have a gradient.

    Raises
    ------
    ValueError
        If an order has no ``->``, or gives a gradient of what the forward does not take.

    Examples
    --------
    >>> layer = explicit(lambda x: x * x, "x", (lambda dy, x: 2 * x * dy, "dy, x -> dx"))
    >>> layer.inputs
    ('x',)
    """
    order = _names(takes)
    read = tuple((function, *_signature(text)) for function, text in backwards)
    given = [name.removeprefix("d") for _, _, gives in read for name in gives]
    if unknown := sorted(set(given) - set(order)):
        raise ValueError(f"a gradient d{unknown[0]} is given, but forward takes {', '.join(order)}")
    inputs = tuple(name for name in order if name in given)
    return Explicit(
        forward, order, read, inputs, name or str(getattr(forward, "__name__", "layer"))
    )


def _signature(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    takes, arrow, gives = text.partition("->")
    if not arrow:
        raise ValueError(f"{text!r} has no '->'; write 'dy, weight, x -> dweight, dx'")
    return _names(takes), _names(gives)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
