"""Trial: one layer before one case, with everything that checks of it share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import guard
from gradcheck.case import DTYPES
from gradcheck.centre import Centre
from gradcheck.finding import Failure, Note
from gradcheck.lattice import draw
from gradcheck.points import Point, draw_point
from gradcheck.spec import Multilinear
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.discrepancy import Discrepancy
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Configured, Inputs, Layer
    from gradcheck.scale import Scale
    from gradcheck.spec import Oracle, Spec


class Trial:
    """One layer, one case, and the draws that belong to it.

    Parameters
    ----------
    layer : Layer
        The layer under test.
    case : Case
        Config, shapes, dtype, seed.
    spec : Spec or None
        The contract; None where the caller gives inputs alone.
    oracle : Oracle or Layer or None
        What answers in float64; None where there is none or it is missing.
    strict : bool
        Whether what is a note for a stranger's layer is a failure.
    explain : bool
        Whether a failure is to be traced to its entry, which costs evaluations.
    thorough : bool
        Whether every attack is made, whosever turn it is.
    """

    def __init__(
        self,
        layer: Layer,
        case: Case,
        *,
        spec: Spec | None = None,
        oracle: Oracle | Layer | None = None,
        strict: bool = False,
        explain: bool = False,
        thorough: bool = False,
    ) -> None:
        self.layer, self.case, self.spec, self.strict = layer, case, spec, strict
        self.explain, self.thorough = explain, explain or thorough
        self.hand: guard.Hand = guard.frozen
        self.aside: dict[str, Array] = {}
        self.first: dict[str, Array] = {}
        self.beyond = False
        self.scale: Scale | None = None
        self.searched = False
        self.turns: dict[str, bool] = {}
        self.tangents: dict[tuple[str, int], Array] = {}
        self.configured = _configure("forward", layer, case)
        self._oracle = None if oracle is None else _configure("oracle", oracle, case)

    def rng(self, label: str) -> np.random.Generator:
        """Return a generator of the case's seed and a label: checks do not disturb one another."""
        return self.case.rng(label)

    @cached_property
    def point(self) -> Point:
        """The full-mantissa inputs of the case."""
        return draw_point(self.spec, self.case, self.rng("point"))

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the present inputs."""
        return tuple(name for name, array in self.point.inputs.items() if array is not None)

    @cached_property
    def linear_form(self) -> Multilinear | None:
        """The spec's form if it is multilinear."""
        form = self.spec.form if self.spec else None
        return form if isinstance(form, Multilinear) else None

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Products in one entry of the output and of each gradient; for multilinear forms."""
        assert self.linear_form is not None  # asked before
        return self.linear_form.counts(self.case)

    @cached_property
    def centre(self) -> Centre | None:
        """The layer at a point of the lattice; None where the form or the budget allows none."""
        if self.linear_form is None or self.spec is None or self.case.given is not None:
            return None
        rng = self.rng("lattice integers")
        lattice = draw(self.spec, self.linear_form, self.case, rng, fractional=False)
        return None if lattice is None else Centre.of(self.pull, lattice, self.case.dtype)

    @cached_property
    def cotangent(self) -> Array:
        """A full-mantissa cotangent: drawn, never ones."""
        known = self.case.shapes.get("output")
        shape = self.pull(self.point.inputs)[0].shape if known is None else known
        return self.rng("cotangent").standard_normal(shape).astype(self.case.dtype)

    @cached_property
    def precision(self) -> str:
        """What the layer computes in when it is given float64: some frameworks narrow it."""
        wide = {name: _wide(array) for name, array in self.point.inputs.items()}
        answered = str(self.pull(wide)[0].dtype)
        return answered if answered in DTYPES else "float64"

    def widened(self, inputs: Inputs, cotangent: Array) -> Trial:
        """Return a trial of the same layer in float64, at a point and cotangent of one's own."""
        wide = Trial(self.layer, replace(self.case, dtype="float64"), spec=self.spec)
        wide.point = Point({n: _wide(a) for n, a in inputs.items()}, self.point.reach)
        wide.cotangent = cotangent.astype(np.float64)
        return wide

    def answers(self) -> dict[str, Array]:
        """Return output and gradients at the case's point: what the first call gave.

        Where no exact line looks at later calls, a new one is made: what comes of the first alone
        says nothing of a layer with state.
        """
        if self.first and self.centre is not None:
            return self.first
        output, pullback = self.pull(self.point.inputs)
        return {"output": output, **pullback(self.cotangent)}

    @property
    def has_oracle(self) -> bool:
        """True if an oracle answers."""
        return self._oracle is not None

    def pull(self, inputs: Inputs) -> tuple[Array, guard.Present]:
        """Evaluate the layer, guarded: raises `Violation` or `Raised`."""
        arrays = {name: inputs.get(name) for name in self.layer.inputs}
        return guard.pull(self.configured, arrays, self.case.shapes.get("output"), hand=self.hand)

    def forward64(self, name: str) -> guard.Forward:
        """Return the float64 forward as a function of one input, the others at the point."""
        others = {n: _wide(self.point.inputs.get(n)) for n in self.layer.inputs}
        return guard.forward(self.configured, others, name, self.case.shapes.get("output"))

    def value64(self, inputs: Inputs) -> Array:
        """Return the output in float64, at inputs of one's own."""
        name, *_ = self.inputs
        others = {n: _wide(inputs.get(n)) for n in self.layer.inputs}
        forward = guard.forward(self.configured, others, name, self.case.shapes.get("output"))
        x = others[name]
        assert x is not None  # it is present
        return forward(x)

    def ask(self, inputs: Inputs, cotangent: Array) -> tuple[Array, Mapping[str, Array]] | None:
        """Return the oracle's output and gradients in float64, or None where there is none."""
        if self._oracle is None:
            return None
        try:
            output, pullback = self._oracle.pull(**{n: _wide(a) for n, a in inputs.items()})
            gradients = pullback(cotangent.astype(np.float64))
        except Exception as error:
            raise Raised("oracle", error) from error
        return output, {n: g for n, g in gradients.items() if g is not None}

    def lattice_inputs(self, x: Array) -> dict[str, Array | None]:
        """Return integers ``x`` with small non-zero integers for the other inputs."""
        rng = self.rng("others")
        inputs: dict[str, Array | None] = {}
        for name in self.layer.inputs:
            shape = x.shape if name == "x" else self.case.shapes.get(name)
            drawn = None if shape is None else rng.choice([-3, -2, -1, 1, 2, 3], shape)
            inputs[name] = x.astype(self.case.dtype) if name == "x" else _cast(drawn, self.case)
        return inputs

    def demand(self, wrt: str, name: str, message: str, detail: str = "") -> Iterator[Finding]:
        """Yield a note, or a failure where a project demands more of its own layers.

        Notes of one message are counted, so what differs from case to case is ``detail``.
        """
        if self.strict:
            yield self.failure("contract", wrt, f"{message}: {detail}" if detail else message)
        else:
            yield Note(name=name, message=message, demanded=True)

    def failure(
        self, check: str, wrt: str, message: str, discrepancy: Discrepancy | None = None
    ) -> Failure:
        """Return a failure of this case."""
        return Failure(
            check=check, wrt=wrt, message=message, case=self.case, discrepancy=discrepancy
        )


def _configure(where: str, layer: Oracle | Layer, case: Case) -> Configured:
    try:
        return layer(case.config)
    except Exception as error:
        raise Raised(where, error) from error


def _wide(array: Array | None) -> Array | None:
    return None if array is None else array.astype(np.float64, copy=False)


def _cast(array: Array | None, case: Case) -> Array | None:
    return None if array is None else array.astype(case.dtype)
