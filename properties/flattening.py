"""The contract of flattening: axes joined, entries in their order."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.spec import Multilinear, Spec

from ._class import Class
from ._extent_plans import ARRAYS, DTYPE, ENTRYWISE, extents, full, read
from ._plan import Plan
from ._table import Row
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array


def flatten() -> Spec:
    """Return the contract of ``torch.flatten``."""
    return Spec(
        name="flatten",
        inputs=("x",),
        form=Multilinear(terms=(("x",),), counts=lambda _: {"output": 1, "x": 1}),
        cases=PLAN.cases,
        classes=PLAN.config_classes(),
        oracle=TorchFunction(name="torch.flatten"),
        batched=(),  # the batch may be one of the axes that are joined
        pattern=_pattern,
        summary="axes joined into one",
    )


def _pattern(case: Case) -> dict[str, tuple[Array, Array]]:
    places = np.arange(prod(case.shape("x")))
    return {"x": (places, places)}


def _axis(number: Any, ndim: Any) -> Any:
    return number + ndim * (number < 0)


def _joined(sizes: Any) -> Any:
    """Return how many axes become one; below 1 where there are no such axes."""
    start, end = _axis(sizes.start_dim, sizes.ndim), _axis(sizes.end_dim, sizes.ndim)
    there = (start >= 0) & (end < sizes.ndim)
    return there * (end - start + 1)


def _coherent(table: Any) -> Any:
    return full(table) & (_joined(table) >= 1)


def _shapes(sizes: Any, *_: Any) -> dict[str, tuple[Any, ...]]:
    x, start = extents(sizes), _axis(sizes.start_dim, sizes.ndim)
    stop = start + _joined(sizes)
    return {"x": x, "output": (*x[:start], prod(x[start:stop]), *x[stop:])}


def _read(case: Case) -> Row:
    return Row(**vars(read(case)), **{key: case.config[key] for key in ("start_dim", "end_dim")})


PLAN = Plan(
    spec="flatten",
    config=("start_dim", "end_dim"),
    facts={"dtype": DTYPE, "data": ("plain", "wide")},
    sizes={**ARRAYS, "start_dim": (1, 0, 2, -2), "end_dim": (-1, -2, 0, 1, 2)},
    coherent=_coherent,
    shapes=_shapes,
    read=_read,
    classes=(
        *ENTRYWISE,
        Class(name="the batch kept", sizes=lambda s: (s.start_dim == 1) & (s.end_dim == -1)),
        Class(name="all axes", sizes=lambda s: (s.ndim > 1) & (_joined(s) == s.ndim)),
        Class(name="nothing to join", sizes=lambda s: _joined(s) == 1),
        Class(
            name="axes left on both sides",
            sizes=lambda s: (
                (_joined(s) > 1)
                & (_axis(s.start_dim, s.ndim) > 0)
                & (_axis(s.end_dim, s.ndim) < s.ndim - 1)
            ),
        ),
    ),
)
