"""Inferred: a layer as it was understood, with what was assumed to understand it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.infer.dimensions import Dimensions
    from gradcheck.infer.losses import Samples
    from gradcheck.infer.narrow import Narrow
    from gradcheck.layer import Configured, Layer


class CannotInfer(ValueError):  # noqa: N818 - names what it is
    """A target of a form that is not known; the message says what to hand over instead."""


@dataclass(frozen=True, kw_only=True)
class Inferred:
    """A layer in its normal form, what was assumed of it, and what of the contract it knows.

    ``fixed`` holds the settings that it cannot be told, at the value where they say nothing;
    ``narrow`` brings a case into the part of the contract that it knows.
    """

    layer: Layer
    assumed: tuple[str, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    narrow: Narrow | Samples | Dimensions | None = None
    named: tuple[str, ...] = ()
    """The spec's inputs, those too that the layer never has."""
    omitted: tuple[str, ...] = ()
    """Inputs for which the layer gives no gradient."""
    spared: tuple[str, ...] = ()
    """Those of them for which no layer of this kind gives one: the target of a loss."""
    suspect: Case | None = None
    """A case at which the backward raised when the layer was looked at."""
    unanswered: str = ""
    """Why no oracle can say what is right: the layer draws its mask itself."""
    oracle: Any = None
    """What says what is right where it is not the spec's own oracle: a multiple of it."""

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.layer.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.named or self.layer.inputs

    def __call__(self, config: Mapping[str, Any], /) -> Configured:
        """Settle the config."""
        return self.layer(config)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the user has said; what is empty is worked out."""

    layout: str = ""
    weight_layout: str = ""
    reduction: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    grads: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What ``--fix`` says of the target's own arguments."""
