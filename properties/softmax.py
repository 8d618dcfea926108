"""The contracts of the layers along one axis: softmax and its kin, and the gated linear unit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradcheck.spec import Smooth, Spec

from ._activation_plans import smooth
from ._class import Class
from ._extent_plans import extents, read
from ._plan import Plan
from ._torch_oracle import TorchFunction
from .activations import COMPOSED

if TYPE_CHECKING:
    from gradcheck.case import Case

    from ._table import Row


def softmax() -> Spec:
    """Return the contract of ``torch.nn.functional.softmax``."""
    return _along(_plan("softmax"), summary="shares that add to 1 along an axis")


def softmin() -> Spec:
    """Return the contract of ``torch.nn.functional.softmin``."""
    return _along(_plan("softmin"), summary="softmax of -x")


def log_softmax() -> Spec:
    """Return the contract of ``torch.nn.functional.log_softmax``."""
    return _along(_plan("log_softmax"), module=COMPOSED, summary="logarithm of the softmax")


def glu() -> Spec:
    """Return the contract of ``torch.nn.functional.glu``, along the last axis of two or more."""
    plan = smooth("glu", dim=(-1,))
    plan = replace(
        plan, open_facts={}, shapes=_halved, read=_read,
        sizes={**plan.sizes, "ndim": (2, 3, 4)},
        classes=tuple(c for c in plan.classes if c.name != "1 dimension"),
    )  # fmt: skip
    return _along(plan, module=COMPOSED, summary="one half, scaled by the sigmoid of the other")


def _plan(spec: str) -> Plan:
    plan = smooth(spec, dim=(-1, 0))
    axes = (
        Class(name="the last axis", facts={"dim": lambda dim: dim == -1}),
        Class(name="the first axis", facts={"dim": lambda dim: dim == 0}),
    )
    return replace(plan, open_facts={}, classes=(*plan.classes, *axes))


def _halved(sizes: Any, _rows: Any, _columns: Any) -> dict[str, tuple[Any, ...]]:
    *before, last = extents(sizes)
    return {"x": (*before, 2 * last), "output": (*before, last)}


def _read(case: Case) -> Row:
    """Return the sizes of the output, from which the input is made."""
    return read(replace(case, shapes={**case.shapes, "x": case.shape("output")}))


def _along(plan: Plan, *, module: str = "torch.nn.functional", summary: str) -> Spec:
    return Spec(
        name=plan.spec,
        inputs=("x",),
        form=Smooth(pointwise=False),
        cases=plan.cases,
        classes=plan.config_classes(),
        oracle=TorchFunction(name=f"{module}.{plan.spec}"),
        batched=(),
        summary=summary,
    )
