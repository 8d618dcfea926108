"""Guard: call a layer, hand it read-only arrays, and believe nothing that it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcheck.layer import Configured
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.case import Shape
    from gradcheck.layer import Array, Inputs

Forward: TypeAlias = "Callable[[Array], Array]"
Present: TypeAlias = "Callable[[Array], dict[str, Array]]"
"""A pullback whose gradients are all there: one for each input that is present."""


def frozen(array: Array | None) -> Array | None:
    """Return a read-only view: a layer that writes to its input is found out at once."""
    if array is None:
        return None
    view = array.view()
    view.flags.writeable = False
    return view


def pull(
    configured: Configured, inputs: Inputs, shape: Shape | None, *, protect: bool = True
) -> tuple[Array, Present]:
    """Evaluate a layer; check what comes back, and what its pullback gives back.

    Parameters
    ----------
    configured : Configured
        The layer with its config settled.
    inputs : Mapping[str, Array or None]
        Named inputs, handed over read-only.
    shape : tuple of int or None
        The output's shape, where the spec knows it.
    protect : bool
        False hands the arrays over writable, for layers that need it.

    Raises
    ------
    Violation
        If the output or a gradient is missing, or of the wrong number or shape.
    Raised
        If the layer raises.
    """
    arrays = {name: frozen(array) if protect else array for name, array in inputs.items()}
    output, back = _guarded("forward", lambda: configured.pull(**arrays))
    _check("output", output, shape)
    shapes = {name: None if array is None else array.shape for name, array in inputs.items()}

    def pullback(cotangent: Array) -> dict[str, Array]:
        seed = frozen(cotangent) if protect else cotangent
        returned = _guarded("backward", lambda: back(seed))
        gradients = {}
        for name, wanted in shapes.items():
            gradient = returned.get(name)
            if wanted is not None:
                _check(name, gradient, wanted)
                gradients[name] = gradient
        return gradients

    return output, pullback


def _guarded(where: str, call: Any) -> Any:
    try:
        with np.errstate(all="ignore"):
            return call()
    except (Violation, Raised):
        raise
    except Exception as error:
        raise Raised(where, error) from error


def _check(wrt: str, array: Any, shape: Shape | None) -> None:
    what = "forward's output" if wrt == "output" else f"backward's gradient for {wrt}"
    if not isinstance(array, (np.ndarray, np.generic)):
        got = "None" if array is None else f"a {type(array).__name__}, {array!r:.60}"
        raise Violation(wrt, f"{what} is {got}; expected an array of shape {shape}")
    if shape is not None and array.shape != shape:
        raise Violation(wrt, f"{what} has shape {array.shape}; expected {shape}")
    if array.dtype.kind != "f":
        raise Violation(wrt, f"{what} has dtype {array.dtype}; expected a floating dtype")
