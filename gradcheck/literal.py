"""Literal: a case whose inputs were handed over, as the Python call that checks it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array

ENTRIES = 64
"""Arrays of so many entries together are written out; larger ones are kept in the report."""


def call(case: Case) -> str:
    """Return the call of `gradcheck.check` that checks the same point.

    Every digit is written, so the arrays are the same bits.

    Examples
    --------
    >>> from gradcheck.case import Case
    >>> call(Case(shapes={"x": (2,)}, given={"x": np.array([0.1, -2.0])}))
    "gradcheck.check(layer, seed=0, x=numpy.array([0.1, -2.0], 'float64'))"
    """
    given = case.given or {}
    short = case.size <= ENTRIES
    arguments = [f"config={dict(case.config)}"] * bool(case.config)
    arguments += [f"seed={case.seed}"]
    arguments += [f"{name}={_written(name, a, short)}" for name, a in given.items()]
    kept = "" if short else ", where given = report.failures[0].case.given"
    return f"gradcheck.check(layer, {', '.join(arguments)}){kept}"


def _written(name: str, array: Array | None, short: bool) -> str:
    if array is None:
        return "None"
    if not short:
        return f"given[{name!r}]"
    if not array.size or not np.all(np.isfinite(array)):
        return f"numpy.frombuffer({array.tobytes()!r}, {array.dtype.str!r}).reshape({array.shape})"
    return f"numpy.array({array.tolist()!r}, {str(array.dtype)!r})"
