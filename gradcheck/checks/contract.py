"""Contract: dtype, finiteness, purity, and arrays laid out in any way; before any number."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import guard
from gradcheck.magnitude import rounding
from gradcheck.violation import Raised

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial


def check(trial: Trial) -> Iterator[Finding]:
    """Yield what breaks the contract, in the order in which a user would want to hear it."""
    inputs = {name: trial.point.inputs.get(name) for name in trial.layer.inputs}
    if mutated := _mutated(trial, inputs):
        yield trial.failure("contract", mutated, _mutation_message(mutated))
        return
    u = trial.cotangent
    output, pullback = trial.pull(inputs)
    gradients = pullback(u)
    yield from _dtypes(trial, {"output": output, **gradients})
    yield from _finite(trial, inputs, output, gradients)
    yield from _repeatable(trial, inputs, output, gradients, pullback)
    yield from _aliases(trial, inputs, gradients)
    yield from _warnings(trial, inputs)
    yield from _layouts(trial, inputs, output, gradients)


def _mutated(trial: Trial, inputs: Inputs) -> str | None:
    """Return what the layer writes to; read-only arrays make it raise, copies tell what."""
    try:
        _, pullback = trial.pull(inputs)
        pullback(trial.cotangent)
    except Raised as raised:
        if "read-only" not in str(raised.error):
            raise
    else:
        return None
    mine = {n: None if a is None else a.copy() for n, a in inputs.items()}
    output, pullback = guard.pull(trial.configured, mine, None, protect=False)
    u = trial.rng("cotangent").standard_normal(output.shape).astype(trial.case.dtype)
    before = u.copy()
    pullback(u)
    if not _same(u, before):
        return "cotangent"
    changed = (n for n, a in mine.items() if a is not None and not _same(a, inputs[n]))
    return next(changed, "an input")


def _mutation_message(what: str) -> str:
    return f"the layer writes to {what}, which belongs to its caller; work on a copy"


def _dtypes(trial: Trial, arrays: Mapping[str, Array]) -> Iterator[Finding]:
    for name, array in arrays.items():
        if array.dtype != trial.case.dtype:
            what = "the output" if name == "output" else f"the gradient for {name}"
            yield from trial.demand(
                name, "dtype", f"{what} is {array.dtype} where the inputs are "
                f"{trial.case.dtype}: a constant or a buffer changes the precision",
            )  # fmt: skip


def _finite(
    trial: Trial, inputs: Inputs, output: Array, gradients: Mapping[str, Array]
) -> Iterator[Finding]:
    answer = trial.ask(inputs, trial.cotangent)
    trusted = {} if answer is None else {"output": answer[0], **answer[1]}
    for name, array in {"output": output, **gradients}.items():
        wrong = ~np.isfinite(array)
        if name in trusted:
            wrong &= np.isfinite(trusted[name])
        if np.any(wrong):
            index = tuple(int(i) for i in np.argwhere(wrong)[0])
            what = "forward's output" if name == "output" else f"backward's gradient for {name}"
            place = f"[{', '.join(map(str, index))}]" if index else ""
            yield trial.failure(
                "contract", name, f"{what}{place} is {array[index]} where a number is due"
            )


def _repeatable(
    trial: Trial,
    inputs: Inputs,
    output: Array,
    gradients: Mapping[str, Array],
    pullback: Callable[[Array], Mapping[str, Array]],
) -> Iterator[Finding]:
    """Call everything again, with another forward and backward in between."""
    u = trial.cotangent
    kept = {name: gradient.copy() for name, gradient in gradients.items()}
    first = output.copy()
    stories: dict[str, Callable[[], Mapping[str, Array]]] = {
        "a second backward with the same cotangent": lambda: pullback(u),
        "a backward after another forward": lambda: _interleaved(trial, inputs, pullback),
    }
    for story, call in stories.items():
        try:
            again = call()
        except Raised as raised:
            yield from trial.demand("", "no second pullback", f"{story} raises: {raised}")
            continue
        for name, gradient in again.items():
            if not _same(gradient, kept[name]):
                yield trial.failure(
                    "contract", name,
                    f"{story} changes the gradient for {name}: the layer keeps state between calls",
                )  # fmt: skip
                return
    repeated = trial.pull(inputs)[0]
    if not _same(repeated, first):
        yield trial.failure("contract", "output", "a second forward gives another output")


def _interleaved(
    trial: Trial, inputs: Inputs, pullback: Callable[[Array], Mapping[str, Array]]
) -> Mapping[str, Array]:
    other = {n: None if a is None else -a[..., ::-1] for n, a in inputs.items()}
    _, between = trial.pull(other)
    between(-trial.cotangent)
    return pullback(trial.cotangent)


def _aliases(trial: Trial, inputs: Inputs, gradients: Mapping[str, Array]) -> Iterator[Finding]:
    """Tell which gradients change when an input or another gradient is written to."""
    arrays = {n: a for n, a in inputs.items() if a is not None}
    for name, gradient in gradients.items():
        others = {
            **arrays,
            **{f"the gradient for {n}": g for n, g in gradients.items() if n > name},
        }
        for other, array in others.items():
            if np.shares_memory(gradient, array):
                yield from trial.demand(
                    name, "aliasing", f"the gradient for {name} shares memory with {other}"
                )


def _warnings(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Listen to what the layer prints to a user who has not silenced NumPy."""
    arrays = {n: None if a is None else guard.frozen(a) for n, a in inputs.items()}
    with warnings.catch_warnings(record=True) as heard, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        _, pullback = trial.configured.pull(**arrays)
        pullback(trial.cotangent)
    for warning in heard[:1]:
        yield from trial.demand("", "warning", f"a warning escapes: {warning.message}")


LAYOUTS: Mapping[str, Callable[[Array], Array]] = {
    "Fortran order": np.asfortranarray,
    "negative strides": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
    "gaps between entries": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
}
"""The same numbers, elsewhere in memory."""


def _layouts(
    trial: Trial, inputs: Inputs, output: Array, gradients: Mapping[str, Array]
) -> Iterator[Finding]:
    """Equal numbers in another layout give equal gradients, up to the order of their sums.

    The cotangent never has the layout of the inputs: a backward that reads one with the strides of
    the other would be right by chance.
    """
    label, other = (str(name) for name in trial.rng("layout").permutation(list(LAYOUTS))[:2])
    lay, lay_cotangent = LAYOUTS[label], LAYOUTS[other]
    moved = {n: None if a is None else lay(a) for n, a in inputs.items()}
    where = f"inputs in {label} and a cotangent in {other}"
    try:
        laid_output, pullback = trial.pull(moved)
        laid = {"output": laid_output, **pullback(lay_cotangent(trial.cotangent))}
    except Raised as raised:
        yield from trial.demand("", "layout refused", f"{where} are refused: {raised}")
        return
    wrong = _changed(trial, inputs, trial.cotangent, laid, {"output": output, **gradients})
    if wrong is not None:
        yield trial.failure("contract", wrong, f"{where} change {_what(wrong)}")
        return
    yield from _broadcast(trial, inputs)


def _broadcast(trial: Trial, inputs: Inputs) -> Iterator[Finding]:
    """Hand over a cotangent whose entries are one number in memory, as a sum's backward does."""
    if not trial.cotangent.size:
        return
    spread = np.broadcast_to(trial.cotangent.flat[0], trial.cotangent.shape)
    _, pullback = trial.pull(inputs)
    try:
        laid = pullback(spread)
    except Raised as raised:
        yield from trial.demand("", "layout refused", f"a cotangent of stride 0: {raised}")
        return
    dense = spread.copy()
    wrong = _changed(trial, inputs, dense, laid, pullback(dense))
    if wrong is not None:
        message = f"a cotangent of stride 0 changes {_what(wrong)}"
        yield trial.failure("contract", wrong, message)


def _changed(
    trial: Trial, inputs: Inputs, u: Array, laid: Mapping[str, Array], plain: Mapping[str, Array]
) -> str | None:
    """Return the first array that differs by more than the order of its sums may."""
    for name, before in plain.items():
        slack = rounding(trial, name, inputs, u)
        if np.any(np.abs(laid[name].astype(np.float64) - before) > slack):
            return name
    return None


def _what(name: str) -> str:
    return "the output" if name == "output" else f"the gradient for {name}"


def _same(a: Array, b: Array | None) -> bool:
    return b is not None and np.array_equal(a, b, equal_nan=True)
