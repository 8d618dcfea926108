"""Conventions: arrays as a layer wants them, gradients as mathematics wants them.

A layer in another layout is conjugate to the one of the spec: with P_i the permutation that brings
input i into the layer's layout, its output is Q f(P x) and its gradients are P^T (df)^T Q^T dy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._axes import fits, groups, read, written
from gradcheck.violation import Violation

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Layer, Pullback

DATA = ("NCHW", "NHWC", "CHW", "HWC", "HW", "HW->HWC", "NC", "CN", "C", "C1")
WEIGHT = (
    "OIHW", "HWIO", "IOHW", "OHWI", "HWOI", "IHWO", "OHW", "HWO", "HW",
    "O(IHW)", "(IHW)O", "(HWI)O", "O(HWI)", "OI", "IO",
)  # fmt: skip
BIAS = {(-1,): "O", (-1, 1): "O1", (1, -1): "1O", (1, 1, 1, -1): "111O", (1, -1, 1, 1): "1O11"}
REDUCTIONS = ("sum", "mean", "-sum", "-mean")
SHAPES = "shapes of the spec"
"""Key of a config under which a layer that asks for them finds the shapes of the spec's arrays."""

DROPPED = {"N", "C", "O", "I"}
"""Axes that a layout may lack: the batch of one sample, the channels where there is one."""

_DATA_AXES = {1: "N", 2: "NC", 3: "NCL", 4: "NCHW", 5: "NCDHW"}
_WEIGHT_AXES = {1: "O", 2: "OI", 3: "OIL", 4: "OIHW", 5: "OIDHW"}


@dataclass(frozen=True)
class Conventional:
    """A layer in its normal form, seen through its conventions."""

    layer: Layer
    layout: str = "NCHW"
    weight_layout: str = ""
    bias_shape: tuple[int, ...] = ()
    reduction: str = "sum"
    flipped: bool = False
    sized: bool = False
    """True if the layer reads the shapes of the spec's arrays from its config."""

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.layer.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.layer.inputs

    @property
    def sampled(self) -> bool:
        """True if the layer takes one sample, without the axis of the batch."""
        return "N" not in self.layout

    def axes(self, name: str, ndim: int) -> tuple[str, str]:
        """Return the axes of an array of the spec, and those that it has for the layer."""
        if name == "weight":
            ours, theirs = _WEIGHT_AXES[ndim], self.weight_layout
        elif name in ("x", "output"):
            ours = _DATA_AXES[ndim]
            before, _, after = self.layout.partition("->")
            theirs = after if after and name == "output" else before
        else:
            ours, theirs = "O", BIAS.get(self.bias_shape, "") if name == "bias" else ""
            ours = ours if ndim == 1 else _WEIGHT_AXES[ndim]
        known = set("".join(groups(theirs))) - {"1"}
        about = bool(known) and known <= set(ours) <= known | DROPPED
        return ours, theirs if about else _held(ours, theirs)

    def __call__(self, config: Mapping[str, Any], /) -> _Conjugate:
        """Settle the config."""
        return _Conjugate(self, dict(config), self.layer(config))


def _held(ours: str, theirs: str) -> str:
    """Return the axes where a layout is not about arrays of this kind: the batch may be dropped."""
    return ours[1:] if theirs and "N" not in theirs and ours[0] == "N" else ours


@dataclass(frozen=True)
class _Conjugate:
    by: Conventional
    config: dict[str, Any]
    configured: Any

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        x = inputs.get("x")
        if not self.by.sampled or x is None:
            return self._pull(inputs)
        pulled = [self._pull({**inputs, "x": x[n : n + 1]}) for n in range(len(x))]
        output = np.concatenate([y for y, _ in pulled])

        def pullback(cotangent: Array) -> Gradients:
            parts = [back(cotangent[n : n + 1]) for n, (_, back) in enumerate(pulled)]
            found: dict[str, Any] = {n: [p[n] for p in parts] for n in parts[0]}
            return {
                n: None if g[0] is None else np.concatenate(g) if n == "x" else sum(g)
                for n, g in found.items()
            }

        return output, pullback

    def _pull(self, inputs: Mapping[str, Array | None]) -> tuple[Array, Pullback]:
        output, back = self._settled(inputs).pull(
            **{n: None if a is None else self.theirs(n, a) for n, a in inputs.items()}
        )
        ours = self._output(output)

        def pullback(cotangent: Array) -> Gradients:
            returned = back(self.theirs("output", cotangent))
            batch = len(cotangent)
            return {n: self._ours(n, g, inputs.get(n), batch) for n, g in returned.items()}

        return ours, pullback

    def _settled(self, inputs: Mapping[str, Array | None]) -> Any:
        if not self.by.sized:
            return self.configured
        shapes = {n: None if a is None else a.shape for n, a in inputs.items()}
        return self.by.layer({**self.config, SHAPES: shapes})

    def theirs(self, name: str, array: Array) -> Array:
        """Return an array of the spec as the layer has it."""
        if array.ndim == 0 or array.ndim > max(_DATA_AXES):
            return array
        ours, theirs = self.by.axes(name, array.ndim)
        turned = _turned(array) if name == "weight" and self.by.flipped else array
        return turned if theirs == ours else written(turned, ours, theirs)

    def _output(self, output: Any) -> Any:
        """Return the output with our axes; one of another number is for the contract to judge."""
        if not isinstance(output, np.ndarray) or not output.ndim:
            return output
        for ndim in (output.ndim, *(n for n in _DATA_AXES if n > output.ndim)):
            if ndim not in _DATA_AXES:
                continue
            ours, theirs = self.by.axes("output", ndim)
            if len(groups(theirs)) == output.ndim and (ndim == output.ndim or self.by.sampled):
                return output if theirs == ours else read(output, ours, theirs)
        return output

    def _ours(self, name: str, gradient: Any, point: Array | None, batch: int) -> Any:
        if not isinstance(gradient, np.ndarray) or point is None or not point.ndim:
            return gradient
        ours, theirs = self.by.axes(name, point.ndim)
        if theirs != ours:
            if not fits(theirs, ours, point.shape):
                return gradient
            wanted = written(point, ours, theirs).shape
            if name == "bias" and broadcasts(gradient.shape, wanted):
                gradient = gradient.reshape(wanted)  # in W -= rate * dW it does the same
            if gradient.shape != wanted:
                raise Violation(
                    name, f"d{name} has shape {gradient.shape}; expected {wanted} ({theirs})"
                )
            gradient = read(gradient, ours, theirs, point.shape)
        found = _turned(gradient) if name == "weight" and self.by.flipped else gradient
        return found if name == "x" else self._scaled(found, batch)

    def _scaled(self, gradient: Array, batch: int) -> Array:
        found = gradient * batch if "mean" in self.by.reduction else gradient
        return -found if self.by.reduction.startswith("-") else found


def broadcasts(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Tell whether a gradient lacks leading axes of extent one, as (n,) does beside (1, n).

    >>> broadcasts((3,), (1, 3)), broadcasts((3,), (3, 1))
    (True, False)
    """
    return (1,) * (len(wanted) - len(shape)) + shape == wanted


def _turned(kernel: Array) -> Array:
    """Turn a kernel by 180 degrees: true convolution is correlation with the turned kernel."""
    return np.flip(kernel, tuple(range(2, kernel.ndim)))


def conventions(
    layer: Layer,
    *,
    layout: str = "NCHW",
    weight_layout: str = "",
    bias_shape: tuple[int, ...] = (),
    reduction: str = "sum",
    flipped: bool = False,
) -> Conventional:
    """See a layer through conventions other than torch's.

    Parameters
    ----------
    layer : Layer
        From any other adapter.
    layout : str
        Axes of x and of the output: ``"NCHW"``, ``"NHWC"``, or of one sample at a time ``"CHW"``,
        ``"HWC"``, ``"HW"``, ``"C"``; ``"CN"`` for samples in columns; ``"HW->HWC"`` where the
        output has others.
    weight_layout : str
        Axes of the kernel: ``"OIHW"``, ``"HWIO"``, ``"IOHW"``, ``"OHWI"``; of a kernel of one
        channel ``"OHW"``; of a matrix ``"OI"``, ``"IO"``; axes that are joined in parentheses:
        ``"O(IHW)"``. Empty: as the spec has it.
    bias_shape : tuple of int
        Such as ``(-1, 1)``. Empty: as the spec has it.
    reduction : str
        ``"mean"`` for a layer that divides the gradients of all its parameters by the batch,
        ``"-sum"`` and ``"-mean"`` for one that gives them with the sign of a descent.
    flipped : bool
        True for a layer that convolves, where the spec correlates: the kernel is turned.

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
        ("bias_shape", bias_shape, ((), *BIAS)),
        ("reduction", reduction, REDUCTIONS),
    ):
        if value not in known:
            raise ValueError(f"{key}={value!r}; it is one of {', '.join(map(str, known))}")
    return Conventional(layer, layout, weight_layout, bias_shape, reduction, flipped)
