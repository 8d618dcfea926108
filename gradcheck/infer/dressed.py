"""Dressed: the probe's arrays as a layer wants them, one sample where it takes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gradcheck.adapt._conventions import SHAPES, Conventional

if TYPE_CHECKING:
    from gradcheck.infer.probe import Probe
    from gradcheck.layer import Array


@dataclass(frozen=True)
class Dressed:
    """Config with the spec's shapes, arrays, and what the oracle says of this sample."""

    config: dict[str, Any]
    arrays: dict[str, Any]
    cotangent: Array


def dressed(seen: Conventional, probe: Probe) -> Dressed:
    """Return the probe as the layer of these conventions sees it."""
    inputs = sample(seen, probe)
    conjugate = seen(probe.config)
    shapes = {n: None if a is None else a.shape for n, a in inputs.items()}
    arrays = {n: None if a is None else conjugate.theirs(n, a).copy() for n, a in inputs.items()}
    cotangent = probe.cotangent[: len(inputs["x"])]
    return Dressed(
        {**probe.config, SHAPES: shapes}, arrays, conjugate.theirs("output", cotangent).copy()
    )


def sample(seen: Conventional, probe: Probe) -> dict[str, Any]:
    """Return the probe's inputs; one sample, where samples come one at a time."""
    x = probe.inputs["x"]
    assert x is not None
    return {**probe.inputs, "x": x[:1] if seen.sampled else x}
