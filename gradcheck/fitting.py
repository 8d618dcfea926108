"""Fitting: a layer whose inputs are named as its spec names them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from gradcheck.adapt._functional import Functional

if TYPE_CHECKING:
    from gradcheck.layer import Layer
    from gradcheck.spec import Spec


def fitted(layer: Layer, spec: Spec, omit: Collection[str] = ()) -> Layer:
    """Return the layer with the spec's names where it said none of its own.

    Raises
    ------
    ValueError
        If its inputs are not the spec's.
    """
    if isinstance(layer, Functional):
        layer = layer.taking(spec.inputs)
    if {*layer.inputs, *omit} != set(spec.inputs):
        raise ValueError(
            f"{layer.name} takes {layer.inputs}; the spec {spec.name} is about {spec.inputs}: "
            f"name them alike with adapt.functional(..., inputs={spec.inputs})"
        )
    return layer
