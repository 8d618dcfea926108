"""Candidates: the layouts in which an array of the spec may be wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradcheck.adapt._axes import fits, written
from gradcheck.adapt._conventions import BIAS, WEIGHT

if TYPE_CHECKING:
    from gradcheck.infer.inferred import Said
    from gradcheck.infer.probe import Probe
    from gradcheck.layer import Array

BATCHED = {4: ("NCHW", "NHWC"), 2: ("NC", "CN")}
SINGLE = {4: ("CHW", "HWC", "HW", "HW->HWC"), 2: ("C", "C1")}
AXES = {4: "OIHW", 2: "OI"}


def layouts(said: Said, probe: Probe) -> tuple[str, ...]:
    """Return the layouts of data, those of a batch before those of a sample."""
    if said.layout:
        return (said.layout,)
    ndim = getattr(probe.inputs["x"], "ndim", 0)
    weighed = len(probe.inputs) > 1 or ndim == 4
    return (*BATCHED[ndim], *SINGLE[ndim]) if ndim in BATCHED and weighed else ("NCHW",)


def kernels(said: Said, probe: Probe, shape: tuple[int, ...] | None = None) -> Iterator[str]:
    """Yield the layouts of the weight; of those that have a shape, where one is seen."""
    weight = probe.inputs.get("weight")
    if weight is None or weight.ndim not in AXES:
        yield ""
        return
    for axes in (said.weight_layout,) if said.weight_layout else WEIGHT:
        if fits(axes, AXES[weight.ndim], weight.shape):
            found = written(weight, AXES[weight.ndim], axes).shape
            if shape is None or found == shape:
                yield axes


def biases(bias: Array | None, shape: tuple[int, ...] | None = None) -> Iterator[tuple[int, ...]]:
    """Yield the shapes of the bias; of those that have a shape, where one is seen."""
    if bias is None or bias.ndim != 1:
        yield ()
        return
    for kept in BIAS:
        if shape is None or bias.reshape(kept).shape == shape:
            yield () if kept == (-1,) else kept
