"""The contract of dropout with a given mask."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.spec import Multilinear, Spec

from . import _patterns
from ._class import Class
from ._extent_plans import ARRAYS, DTYPE, ENTRYWISE, entrywise_shapes, extents, full, read
from ._plan import Plan
from ._table import Row
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case


def dropout() -> Spec:
    """Return the contract of ``torch.nn.functional.dropout``, its mask a setting."""
    return Spec(
        name="dropout",
        inputs=("x",),
        form=Multilinear(
            terms=(("x",),),
            counts=lambda case: dict.fromkeys(("output", "x"), ceil(_scale(case.config["p"]))),
            coefficient=lambda case: float(_scale(case.config["p"])),
            rounds=lambda case: _rounds(case.config["p"]),
        ),
        cases=PLAN.cases,
        classes=PLAN.config_classes(),
        oracle=TorchFunction(name=f"{__package__}._array_settings.dropout"),
        batched=(),  # the mask is that of the whole batch
        pattern=_patterns.entrywise,
        summary="x mask / (1 - p)",
    )


def _scale(p: float) -> Fraction:
    return 1 / Fraction(1 - p)


def _rounds(p: float) -> bool:
    return _scale(p).denominator != 1


def _mask(sizes: Row, facts: dict[str, Any]) -> Any:
    """Draw a mask that keeps the first entry, or channel, and drops the last if any."""
    shape = extents(sizes)
    if sizes.whole:
        shape = (*shape[:2], *(1,) * (len(shape) - 2))
    mask = np.random.default_rng(sizes.drawn).random(shape) >= facts["p"]
    mask.flat[-1] = False
    mask.flat[0] = True
    if not sizes.dropped:
        mask[...] = True
    return mask.astype(int).tolist()


def _coherent(table: Any) -> Any:
    """Demand something to drop where something is dropped, planes where whole ones are."""
    samples = table.batch * table.channels
    several = samples * np.where(table.whole == 1, 1, table.height * table.width) > 1
    whole = (table.whole == 0) | ((table.ndim > 2) & (table.height * table.width > 1))
    return full(table) & whole & ((table.dropped == 0) | several)


def _read(case: Case) -> Row:
    mask, x = np.array(case.config["mask"]), case.shape("x")
    return Row(**vars(read(case)), whole=int(mask.shape != x), dropped=int(not mask.all()))


PLAN = Plan(
    spec="dropout",
    config=("mask", "p"),
    facts={"p": (0.5, 0.1, 0.0, 0.75, 0.9), "dtype": DTYPE, "data": ("plain", "wide")},
    open_facts={"p": lambda p: isinstance(p, (int, float)) and 0 <= p < 1},
    sizes={**ARRAYS, "dropped": (1, 0), "whole": (0, 1), "drawn": tuple(range(8))},
    coherent=_coherent,
    derived={"mask": _mask},
    shapes=entrywise_shapes,
    read=_read,
    classes=(
        *ENTRYWISE,
        Class(name="some dropped", sizes=lambda s: s.dropped == 1),
        Class(name="nothing dropped", sizes=lambda s: s.dropped == 0),
        Class(name="whole channels dropped", sizes=lambda s: (s.whole == 1) & (s.dropped == 1)),
        Class(name="p = 0", facts={"p": lambda p: p == 0}),
        Class(name="1 / (1 - p) a whole number", facts={"p": lambda p: p > 0 and not _rounds(p)}),
        Class(name="p that rounds", facts={"p": _rounds}),
    ),
)
