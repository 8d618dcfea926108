"""The contract of batch normalisation, in training and in evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.spec import Smooth, Spec

from ._class import DTYPES, Class, having
from ._plan import Plan
from ._table import Row
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case

INPUTS = ("x", "weight", "bias")


def batch_norm() -> Spec:
    """Return the contract of ``torch.nn.functional.batch_norm``, the statistics settings."""
    return Spec(
        name="batch_norm",
        inputs=INPUTS,
        form=Smooth(pointwise=False),
        cases=PLAN.cases,
        classes=PLAN.config_classes(),
        oracle=TorchFunction(name=f"{__package__}._array_settings.batch_norm", inputs=INPUTS),
        optional=("weight", "bias"),
        batched=(),  # in training the samples share their statistics
        summary="each channel to mean 0 and variance 1, scaled and shifted",
    )


AXES = ("length", "width")


def _extents(sizes: Any) -> tuple[Any, ...]:
    return tuple(getattr(sizes, axis) for axis in AXES)[: sizes.axes]


def _coherent(table: Any) -> Any:
    """Demand four entries or more in a channel: of two, what is left of dx is rounding alone."""
    absent = ((table.axes > 0) | (table.length == 1)) & ((table.axes > 1) | (table.width == 1))
    entries = table.batch * table.length * table.width
    return absent & (entries >= 4) & (entries <= 8)


def _shapes(sizes: Any, *_: Any) -> dict[str, tuple[Any, ...]]:
    x = (sizes.batch, sizes.channels, *_extents(sizes))
    return {"x": x, "weight": (sizes.channels,), "bias": (sizes.channels,), "output": x}


def _read(case: Case) -> Row:
    batch, channels, *image = case.shape("x")
    length, width = (*image, *(1,) * (2 - len(image)))
    return Row(batch=batch, channels=channels, axes=len(image), length=length, width=width)


def _mean(sizes: Row, facts: dict[str, Any]) -> Any:
    """Return a mean for each channel, all different."""
    return None if facts["training"] else [0.75 * c - 1.0 for c in range(sizes.channels)]


def _variance(sizes: Row, facts: dict[str, Any]) -> Any:
    """Return a variance for each channel, all different."""
    return None if facts["training"] else np.linspace(0.5, 2.25, sizes.channels).tolist()


PLAN = Plan(
    spec="batch_norm",
    config=("running_mean", "running_var", "training", "momentum", "eps"),
    facts={
        "training": (True, False),
        "momentum": (0.1,),
        "eps": (1e-5, 0.5),
        "bias": (True, False),
        "dtype": ("float64", "float32"),
        "data": ("plain",),
    },
    open_facts={"eps": lambda value: isinstance(value, float) and value > 0},
    sizes={
        "batch": (1, 2, 3, 4),
        "channels": (1, 2),
        "axes": (0, 1, 2),
        "length": (1, 2, 4),
        "width": (1, 2),
    },
    coherent=_coherent,
    derived={"running_mean": _mean, "running_var": _variance},
    shapes=_shapes,
    read=_read,
    classes=(
        having("training", training=True),
        having("evaluation", training=False),
        Class(name="batch = 1", sizes=lambda s: s.batch == 1),
        Class(name="channels > 1", sizes=lambda s: s.channels > 1),
        Class(name="vectors", sizes=lambda s: s.axes == 0),
        Class(name="sequences", sizes=lambda s: s.axes == 1),
        Class(name="images", sizes=lambda s: s.axes == 2),
        Class(name="H != W", sizes=lambda s: (s.axes == 2) & (s.length != s.width)),
        Class(name="eps that counts", facts={"eps": lambda eps: eps >= 0.5}),
        having("no bias", bias=False),
        *DTYPES,
    ),
)
