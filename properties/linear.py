"""The contract of the fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcheck.spec import Multilinear, Spec

from . import _patterns
from ._class import DTYPES, Class, equal, having
from ._plan import Plan
from ._table import Row
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case

INPUTS = ("x", "weight", "bias")

CLASSES = (
    # Few cases are the simplest of each class: this one shows whether db is summed over the batch.
    Class(name="batch > 1 with a bias", facts=equal(bias=True), sizes=lambda s: s.batch > 1),
    Class(name="batch = 1", sizes=lambda s: s.batch == 1),
    Class(name="batch > 1", sizes=lambda s: s.batch > 1),
    Class(name="in < out", sizes=lambda s: s.fan_in < s.fan_out),
    Class(name="in > out", sizes=lambda s: s.fan_in > s.fan_out),
    Class(name="one input", sizes=lambda s: s.fan_in == 1),
    Class(name="one output", sizes=lambda s: s.fan_out == 1),
    Class(
        name="output longer than 255",
        sizes=lambda s: s.fan_out > 255,
        ranges={"sizes": {"batch": (1,), "fan_in": (1, 2), "fan_out": (256, 257)}},
    ),
    having("no bias", bias=False),
    having("non-zero bias", bias=True),
    *DTYPES,
)


def linear() -> Spec:
    """Return the contract of ``torch.nn.functional.linear`` on a batch of vectors."""
    return Spec(
        name="linear",
        inputs=INPUTS,
        form=Multilinear(terms=(("x", "weight"), ("bias",)), counts=_counts),
        cases=PLAN.cases,
        classes=PLAN.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.linear", inputs=INPUTS),
        optional=("bias",),
        pattern=_patterns.linear,
        summary="fully connected layer: x W^T + b",
    )


def _counts(case: Case) -> dict[str, int]:
    (batch, fan_in), (fan_out, _) = case.shape("x"), case.shape("weight")
    return {"output": fan_in + 1, "x": fan_out, "weight": batch, "bias": batch}


def _shapes(sizes: Any, _rows: Any, _columns: Any) -> dict[str, tuple[Any, ...]]:
    return {
        "x": (sizes.batch, sizes.fan_in),
        "weight": (sizes.fan_out, sizes.fan_in),
        "bias": (sizes.fan_out,),
        "output": (sizes.batch, sizes.fan_out),
    }


def _read(case: Case) -> Row:
    fan_out, fan_in = case.shape("weight")
    return Row(batch=case.shape("x")[0], fan_in=fan_in, fan_out=fan_out)


PLAN = Plan(
    spec="linear",
    facts={"bias": (False, True), "dtype": ("float64", "float32"), "data": ("plain",)},
    sizes={"batch": (*range(1, 6),), "fan_in": (*range(1, 9),), "fan_out": (*range(1, 9),)},
    shapes=_shapes,
    read=_read,
    classes=CLASSES,
)
