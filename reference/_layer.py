"""Layer: a forward and a backward function, with the name of the contract that they keep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from ._types import Array


class Layer(NamedTuple):
    """What a layer module's ``layer()`` hands to the registry.

    Attributes
    ----------
    spec : str
        Name of the contract the layer is held against.
    inputs : tuple of str
        Names of the arrays, in the order in which ``forward`` takes them.
    forward : callable
        ``forward(*inputs, **config) -> (y, cache)``.
    backward : callable
        ``backward(dy, cache) -> gradients``: a tuple in the order of ``inputs``, or the bare
        array where there is one input.
    """

    spec: str
    inputs: tuple[str, ...]
    forward: Callable[..., tuple[Array, Any]]
    backward: Callable[[Array, Any], Any]

    def settled(self, **config: Any) -> Layer:
        """Return the layer with a part of its config settled, for a `Sequential`."""
        return self._replace(forward=partial(self.forward, **config))
