"""Spread: arrays whose entries are one number in memory, as a sum's backward makes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.checks.contract import _moved
from gradcheck.floats import is_float

if TYPE_CHECKING:
    from gradcheck.checks.contract._call import Call
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Spread the cotangent, then x, by stride 0; the others stay as they are."""
    inputs, u = call.inputs, call.cotangent
    spread = _spread(u)
    if u.size:
        yield from _moved.compare(
            trial, "an upstream gradient of stride 0, as np.broadcast_to makes it, and its inputs",
            (inputs, spread.copy()), (inputs, spread),
        )  # fmt: skip
    x = inputs.get("x")
    if x is not None and x.size and is_float(x.dtype):
        one = _spread(x)
        plain, moved = {**inputs, "x": one.copy()}, {**inputs, "x": one}
        yield from _moved.compare(trial, "entries of x of stride 0", (plain, u), (moved, u))


def _spread(array: Array) -> Array:
    return np.broadcast_to(array.flat[0], array.shape) if array.size else array
