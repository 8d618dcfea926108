"""Extremes: no sample at all, integers, NaN and infinity, the largest and the smallest numbers.

A stranger's layer that does not handle one of them gets a note; the layers that a project calls its
own have to. What is right is what the oracle does, in its own precision: where its answer fits the
dtype of the layer, the layer's has to be a number as well.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, guard, turns
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial

HEADROOM = 8
"""Powers of two below the largest number, for what a function multiplies its input by."""


def check(trial: Trial) -> Iterator[Finding]:
    """Take the inputs of some cases to extremes."""
    if not turns.due(trial, "extremes"):
        return
    inputs = {name: trial.point.inputs.get(name) for name in trial.layer.inputs}
    if "x" not in trial.inputs:
        return
    if trial.spec is not None and trial.spec.batched:
        yield from _empty(trial, inputs)
    yield from _integers(trial, inputs)
    if trial.has_oracle:
        for value in (np.nan, np.inf, -np.inf):
            yield from _odd(trial, inputs, value)
        for label, scale in _scales(trial).items():
            yield from _sized(trial, inputs, label, scale)


def _empty(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Ask for the gradients of a batch without samples: empty ones, and zero for parameters."""
    assert trial.spec is not None  # asked before
    batched = trial.spec.batched
    none = {n: a[:0] if n in batched and a is not None else a for n, a in inputs.items()}
    try:
        output, pullback = guard.pull(trial.configured, none, None, hand=trial.hand)
        gradients = pullback(np.zeros_like(output))
    except (Raised, Violation) as reason:
        message = "a batch without samples is refused"
        yield from trial.demand("", "zero-size batch", message, str(reason))
        return
    wrong = [n for n, g in gradients.items() if n not in batched and np.any(g != 0)]
    if len(output) or wrong:
        what = f"the gradient for {wrong[0]}" if wrong else "the output"
        message = f"{what} of a batch without samples is not that of nothing"
        yield from trial.demand(wrong[0] if wrong else "output", "zero-size batch", message)


def _integers(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Hand over whole numbers as integers: to be refused, or taken for the numbers they are."""
    whole = {n: None if a is None else np.rint(a) for n, a in inputs.items()}
    counted = {n: None if a is None else _clipped(a).astype(np.int64) for n, a in whole.items()}
    try:
        gradients = guard.pull(trial.configured, counted, None, hand=trial.hand)[1](trial.cotangent)
    except Raised:
        return  # refused: a gradient with respect to integers is nothing to ask for
    except Violation as reason:
        message = "integer inputs are taken, and what comes back is no gradient"
        yield from trial.demand("", "integer input", message, str(reason))
        return
    for name, gradient in gradients.items():
        if gradient.dtype.kind != "f":
            message = (
                f"integer inputs are taken, and give a gradient for {name} of {gradient.dtype}"
            )
            yield from trial.demand(name, "integer input", message)
            return


def _clipped(array: Array) -> Array:
    most = 2.0 ** (bounds.mantissa_bits("float64") - 1)
    return np.clip(array.astype(np.float64), -most, most)


def _odd(trial: Trial, inputs: Inputs, value: float) -> Iterator[Finding]:
    """Put NaN or an infinity into one entry: it has to come out where the oracle's does.

    But for that entry's own gradient: torch's vectorised and scalar loops differ about it.
    """
    x = inputs["x"]
    assert x is not None  # present, as asked before
    spoilt = x.copy()
    place = int(trial.rng("odd").integers(x.size))
    spoilt.flat[place] = value
    given = {**inputs, "x": spoilt}
    mine, theirs = _both(trial, given)
    for name, array in mine.items():
        same = np.isfinite(array) == np.isfinite(theirs[name])
        if name == "x":
            same.flat[place] = True
        if not np.all(same):
            index = tuple(int(i) for i in np.argwhere(~same)[0])
            yield from trial.demand(
                name, f"{value} in the input",
                f"{value} in x does not come out of {_what(name)} where it comes out of the oracle",
                f"{list(index)} is {array[index]} and not {theirs[name][index]}",
            )  # fmt: skip
            return


def _scales(trial: Trial) -> dict[str, float]:
    """Return what x is multiplied by: to just below overflow, and to denormal numbers."""
    limits = np.finfo(trial.case.dtype)
    x = trial.point.inputs["x"]
    size = float(np.max(np.abs(x), initial=0.0)) or 1.0  # type: ignore[arg-type]
    form = trial.linear_form
    terms = max(form.counts(trial.case).values()) if form else 1
    others = [np.abs(a).max(initial=1.0) for n, a in trial.point.inputs.items() if a is not None]
    room = terms * float(np.prod([*others, np.abs(trial.cotangent).max(initial=1.0)])) / size
    huge = float(limits.max) / 2.0**HEADROOM / max(room, 1.0) / size
    return {"huge": huge, "tiny": float(limits.smallest_subnormal) * 2**HEADROOM / size}


def _sized(trial: Trial, inputs: Inputs, label: str, scale: float) -> Iterator[Finding]:
    """Scale x: no warning escapes, and every number that fits is a number."""
    x = inputs["x"]
    assert x is not None  # present, as asked before
    given = {**inputs, "x": (x.astype(np.float64) * scale).astype(x.dtype)}
    with warnings.catch_warnings(record=True) as heard, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        mine, theirs = _both(trial, given, quiet=False)
    for warning in heard[:1]:
        message = f"with {label} numbers in x a warning escapes: {warning.message}"
        yield from trial.demand("", "warning", message)
    largest = float(np.finfo(trial.case.dtype).max)
    for name, array in mine.items():
        wrong = ~np.isfinite(array) & (np.abs(theirs[name]) < largest)
        if np.any(wrong):
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            yield from trial.demand(
                name, f"{label} numbers",
                f"{label} numbers in x make {_what(name)} infinite or NaN, the oracle's not",
                f"{list(index)} is {array[index]} and not {theirs[name][index]}",
            )  # fmt: skip
            return


def _both(
    trial: Trial, given: Inputs, *, quiet: bool = True
) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
    """Return output and gradients, the layer's and the oracle's."""
    if quiet:
        output, pullback = trial.pull(given)
        mine = {"output": output, **pullback(trial.cotangent)}
    else:  # the guard would silence what is listened for
        frozen = {n: None if a is None else trial.hand(a) for n, a in given.items()}
        output, back = trial.configured.pull(**frozen)
        found = back(trial.hand(trial.cotangent))
        mine = {"output": output, **{n: g for n, g in found.items() if g is not None}}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        answer = trial.ask(given, trial.cotangent)
    assert answer is not None  # there is an oracle
    theirs = {"output": answer[0], **answer[1]}
    return {n: a for n, a in mine.items() if n in theirs}, theirs


def _what(name: str) -> str:
    return "the output" if name == "output" else f"the gradient for {name}"
