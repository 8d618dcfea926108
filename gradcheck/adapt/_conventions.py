"""Conventions: arrays as a layer wants them, gradients as mathematics wants them.

A layer in another layout is conjugate to the one of the spec: with P_i the permutation that brings
input i into the layer's layout, its output is Q f(P x) and its gradients are P^T (df)^T Q^T dy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.violation import Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Layer, Pullback

DATA = ("NCHW", "NHWC")
WEIGHT = ("OIHW", "HWIO", "IOHW", "OHWI", "OI", "IO")
REDUCTIONS = ("sum", "mean")


@dataclass(frozen=True)
class Conventional:
    """A layer in its normal form, seen through its conventions."""

    layer: Layer
    layout: str = "NCHW"
    weight_layout: str = ""
    bias_shape: tuple[int, ...] = ()
    reduction: str = "sum"

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.layer.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.layer.inputs

    def __call__(self, config: Mapping[str, Any], /) -> _Conjugate:
        """Settle the config."""
        return _Conjugate(self, self.layer(config))


@dataclass(frozen=True)
class _Conjugate:
    by: Conventional
    configured: Any

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        theirs = {n: None if a is None else self._theirs(n, a) for n, a in inputs.items()}
        output, back = self.configured.pull(**theirs)

        def pullback(cotangent: Array) -> Gradients:
            returned = back(self._theirs("output", cotangent))
            batch = len(cotangent)
            return {n: self._ours(n, g, inputs[n], batch) for n, g in returned.items()}

        return self._back("output", output), pullback

    def _theirs(self, name: str, array: Array) -> Array:
        if name == "bias" and self.by.bias_shape:
            return array.reshape(self.by.bias_shape)
        return np.transpose(array, self._axes(name, array.ndim))

    def _back(self, name: str, array: Any) -> Any:
        ndim = getattr(array, "ndim", None)
        axes = self._axes(name, ndim) if ndim else ()
        return np.transpose(array, np.argsort(axes)) if axes else array

    def _ours(self, name: str, gradient: Any, point: Array | None, batch: int) -> Any:
        if not isinstance(gradient, np.ndarray) or point is None:
            return gradient
        if name == "bias" and self.by.bias_shape:
            wanted = point.reshape(self.by.bias_shape).shape
            if gradient.shape != wanted:
                raise Violation(name, f"db has shape {gradient.shape}; expected {wanted}")
            gradient = gradient.reshape(point.shape)
        mean = self.by.reduction == "mean" and name != "x"
        found = self._back(name, gradient)
        return found * batch if mean else found

    def _axes(self, name: str, ndim: int) -> tuple[int, ...]:
        """Return the axes of the spec's array in the order in which the layer has them."""
        if name == "weight":
            ours, theirs = "OIHW"[:ndim], self.by.weight_layout
        else:
            ours, theirs = "NCHW", self.by.layout if name in ("x", "output") else ""
        if sorted(theirs) != sorted(ours) or len(theirs) != ndim:
            return tuple(range(ndim))
        return tuple(map(ours.index, theirs))


def conventions(
    layer: Layer,
    *,
    layout: str = "NCHW",
    weight_layout: str = "",
    bias_shape: tuple[int, ...] = (),
    reduction: str = "sum",
) -> Conventional:
    """See a layer through conventions other than torch's.

    Parameters
    ----------
    layer : Layer
        From any other adapter.
    layout : str
        ``"NCHW"`` or ``"NHWC"``, of x and of the output.
    weight_layout : str
        Order of the kernel's axes: ``"OIHW"``, ``"HWIO"``, ``"IOHW"``, ``"OHWI"``, or of a
        matrix: ``"OI"``, ``"IO"``. Empty: as the spec has it.
    bias_shape : tuple of int
        Such as ``(-1, 1)``. Empty: as the spec has it.
    reduction : str
        ``"mean"`` for a layer that divides the gradients of all its parameters by the batch.

    Returns
    -------
    Conventional
        A layer with the spec's arrays.

    Raises
    ------
    ValueError
        If a value is none of those above.
    """
    for key, value, known in (
        ("layout", layout, DATA),
        ("weight_layout", weight_layout, ("", *WEIGHT)),
        ("reduction", reduction, REDUCTIONS),
    ):
        if value not in known:
            raise ValueError(f"{key}={value!r}; it is one of {', '.join(filter(None, known))}")
    return Conventional(layer, layout, weight_layout, bias_shape, reduction)
