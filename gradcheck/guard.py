"""Guard: call a layer, hand it read-only arrays, and believe nothing that it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcheck.floats import is_float
from gradcheck.layer import Configured
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.case import Shape
    from gradcheck.layer import Array, Inputs

Forward: TypeAlias = "Callable[[Array], Array]"
Hand: TypeAlias = "Callable[[Array], Array]"
Present: TypeAlias = "Callable[[Array], dict[str, Array]]"
"""A pullback whose gradients are all there: one for each input that is present."""


def frozen(array: Array) -> Array:
    """Return a read-only view: a layer that writes to its input is found out at once."""
    view = array.view()
    view.setflags(write=False)
    return view


def copied(array: Array) -> Array:
    """Return a copy, for a layer that refuses what is read-only."""
    return array.copy()


def given(array: Array) -> Array:
    """Return the array itself, to see whether it is written to."""
    return array


def pull(
    configured: Configured, inputs: Inputs, shape: Shape | None, *, hand: Hand = frozen
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
    hand : callable
        How arrays are handed over: `frozen`, `copied` or `given`.

    Raises
    ------
    Violation
        If the output or a gradient is missing, or of the wrong number or shape.
    Raised
        If the layer raises.
    """
    arrays = {n: None if a is None else hand(a) for n, a in inputs.items()}
    try:
        with np.errstate(all="ignore"):
            output, back = configured.pull(**arrays)
    except (Violation, Raised):
        raise
    except Exception as error:
        raise Raised("forward", error) from error
    _checked("output", output, shape)

    def pullback(cotangent: Array) -> dict[str, Array]:
        seed = hand(np.asarray(cotangent))  # arithmetic makes scalars of arrays without axes
        try:
            with np.errstate(all="ignore"):
                returned = back(seed)
        except (Violation, Raised):
            raise
        except Exception as error:
            raise Raised("backward", error) from error
        return {
            name: _checked(name, returned.get(name), array.shape)
            for name, array in inputs.items()
            if array is not None
        }

    return output, pullback


def forward(configured: Configured, inputs: Inputs, name: str, shape: Shape | None) -> Forward:
    """Return the output, in float64, as a function of one input; the others are frozen once.

    For callers that evaluate often, under a `numpy.errstate` of their own; checked as in `pull`.

    Parameters
    ----------
    configured : Configured
        The layer with its config settled.
    inputs : Mapping[str, Array or None]
        Named inputs.
    name : str
        The one that varies.
    shape : tuple of int or None
        The output's shape, where the spec knows it.
    """
    arrays = {n: None if a is None else frozen(a) for n, a in inputs.items()}

    def evaluate(array: Array) -> Array:
        arrays[name] = frozen(array)
        try:
            output, _ = configured.pull(**arrays)
        except (Violation, Raised):
            raise
        except Exception as error:
            raise Raised("forward", error) from error
        return _checked("output", output, shape).astype(np.float64, copy=False)

    return evaluate


def _checked(wrt: str, array: Any, shape: Shape | None) -> Array:
    # A scalar of NumPy's serves as an array without axes.
    found: Array | None = array if isinstance(array, (np.ndarray, np.generic)) else None  # type: ignore[assignment]
    if found is not None and shape in (None, found.shape) and is_float(found.dtype):
        return found
    raise Violation(wrt, _objection(wrt, array, shape))


def _objection(wrt: str, array: Any, shape: Shape | None) -> str:
    what = "forward's output" if wrt == "output" else f"backward's gradient for {wrt}"
    if not isinstance(array, (np.ndarray, np.generic)):
        got = "None" if array is None else f"a {type(array).__name__}, {array!r:.60}"
        return f"{what} is {got}; expected an array of shape {shape}"
    if shape is not None and array.shape != shape:
        return f"{what} has shape {array.shape}; expected {shape}"
    return f"{what} has dtype {array.dtype}; expected a floating dtype"
