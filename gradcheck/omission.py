"""Omission: gradients that a layer does not give, as a first layer gives none for its data.

What is there is judged. In the place of what is not stands the oracle's, so that every check runs;
whatever a check then says of it is said of nobody's backward, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.finding import Doubt, Evidence, Failure

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Configured, Gradients, Layer, Pullback


@dataclass(frozen=True)
class Omission:
    """Inputs without a gradient; ``declared`` says that this is meant."""

    names: tuple[str, ...] = ()
    declared: bool = False

    def told(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        """Yield what is said of gradients that the layer gives."""
        for finding in findings:
            about = getattr(finding, "wrt", "")
            if about not in self.names:
                yield finding
            elif isinstance(finding, Failure):
                yield _of_the_forward(finding)
            else:
                assert isinstance(finding, (Evidence, Doubt))

    def doubts(self) -> Iterator[Doubt]:
        """Yield a doubt for each, unless it was declared."""
        for name in () if self.declared else self.names:
            yield Doubt(
                check="omission",
                wrt=name,
                reason=f"{_said(name)}: declare the omission if it is meant",
            )

    def __str__(self) -> str:
        return ", ".join(_said(name) for name in self.names)


def _said(name: str) -> str:
    return f"the layer gives no gradient for {name}"


def _of_the_forward(finding: Failure) -> Failure:
    """Return what it means that the oracle's gradient disagrees with the layer's differences."""
    told = f"the layer gives none for {finding.wrt}, and differences of its forward"
    return replace(
        finding, wrt="output", discrepancy=None,
        message=f"the forward is not the spec's: {told} disagree with autograd",
    )  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A layer with the oracle's gradients where it gives none."""

    layer: Layer
    oracle: Any
    names: tuple[str, ...]
    inputs: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.layer.name

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, self.layer(config), self.oracle(config))


@dataclass(frozen=True)
class _Configured:
    by: Filled
    configured: Configured
    oracle: Configured

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        output, back = self.configured.pull(**inputs)

        def pullback(cotangent: Array) -> Gradients:
            wide = {n: None if a is None else a.astype(np.float64) for n, a in inputs.items()}
            known = self.oracle.pull(**wide)[1](cotangent.astype(np.float64))
            filled: dict[str, Any] = {n: known.get(n) for n in self.by.names}
            as_asked = {n: g if g is None else g.astype(cotangent.dtype) for n, g in filled.items()}
            return {**back(cotangent), **as_asked}

        return output, pullback
