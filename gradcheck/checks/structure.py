"""Structure: what holds of every backward, with no reference to compare it with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, guard
from gradcheck.lattice import Lattice, draw
from gradcheck.magnitude import rounding

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial


@dataclass(frozen=True)
class Setting:
    """A point with two cotangents: on the lattice where the form allows, real elsewhere."""

    inputs: Inputs
    first: Array
    second: Array


def check(trial: Trial) -> Iterator[Finding]:
    """Yield failures of linearity, of silence at zero, and of independence in the batch."""
    setting = _setting(trial)
    output, pullback = trial.pull(setting.inputs)
    zero = pullback(np.zeros_like(output))
    for name, gradient in zero.items():
        if np.any(gradient != 0):
            yield trial.failure(
                "structure",
                name,
                f"an all-zero cotangent gives a gradient for {name} that is not 0",
            )
            return
    first, second = pullback(setting.first), pullback(setting.second)
    yield from _linear(trial, setting, pullback(setting.first + setting.second), first, second)
    if trial.spec is not None and trial.spec.batched and output.ndim and output.shape[0] > 1:
        yield from _batch(trial, setting, output, first)


def _setting(trial: Trial) -> Setting:
    lattice = _lattice(trial)
    if lattice is None:
        u = trial.rng("second").standard_normal(trial.cotangent.shape).astype(trial.case.dtype)
        return Setting(trial.point.inputs, trial.cotangent, u)
    dtype = trial.case.dtype
    inputs = dict.fromkeys(trial.layer.inputs) | lattice.at(0, dtype)
    # Two integers whose sum stays in the budget, of any signs: magnitudes add where signs agree.
    half, rng = np.trunc(lattice.floats(dtype) / 2), trial.rng("second")
    other = rng.permutation(half.ravel()).reshape(half.shape) * rng.choice([-1, 1], half.shape)
    return Setting(inputs, half, other.astype(dtype))


def _lattice(trial: Trial) -> Lattice | None:
    if trial.linear_form is None or trial.spec is None or trial.case.given is not None:
        return None
    rng = trial.rng("structure")
    return draw(trial.spec, trial.linear_form, trial.case, rng, fractional=False)


def _linear(
    trial: Trial, setting: Setting, of_sum: Mapping[str, Array],
    first: Mapping[str, Array], second: Mapping[str, Array],
) -> Iterator[Finding]:  # fmt: skip
    """Hold the pullback of a sum of cotangents against the sum of their pullbacks."""
    for name, gradient in of_sum.items():
        parts = first[name].astype(np.float64) + second[name]
        slack = _slack(trial, name, setting, abs(first[name]) + abs(second[name]) + abs(gradient))
        if np.any(np.abs(gradient - parts) > slack):
            yield trial.failure(
                "structure", name,
                f"the gradient for {name} is not linear in the upstream gradient: "
                "backward(u1 + u2) differs from backward(u1) + backward(u2)",
            )  # fmt: skip
            return


def _batch(
    trial: Trial, setting: Setting, output: Array, gradients: Mapping[str, Array]
) -> Iterator[Finding]:
    """Hold each sample alone against the batch, and parameter gradients against their sum."""
    assert trial.spec is not None
    batched = trial.spec.batched
    sums = {n: np.zeros(g.shape, np.float64) for n, g in gradients.items() if n not in batched}
    sizes = {n: np.zeros(g.shape, np.float64) for n, g in sums.items()}
    for row in range(output.shape[0]):
        one = slice(row, row + 1)
        alone = {n: a[one] if n in batched and a is not None else a
                 for n, a in setting.inputs.items()}  # fmt: skip
        y, pullback = guard.pull(trial.configured, alone, None, hand=trial.hand)
        found = pullback(setting.first[one])
        yield from _differs(trial, setting, "output", y, output[one])
        for name, gradient in found.items():
            if name in batched:
                yield from _differs(trial, setting, name, gradient, gradients[name][one])
            else:
                sums[name] += gradient
                sizes[name] += np.abs(gradient)
    for name, total in sums.items():
        slack = _slack(trial, name, setting, sizes[name] * output.shape[0])
        if np.any(np.abs(total - gradients[name]) > slack):
            yield trial.failure(
                "structure", name,
                f"the gradient for {name} is not the sum of what each sample gives alone",
            )  # fmt: skip


def _differs(
    trial: Trial, setting: Setting, name: str, alone: Array, together: Array
) -> Iterator[Finding]:
    slack = _slack(trial, name, setting, abs(alone) + abs(together))
    if alone.shape != together.shape or np.any(np.abs(alone - together) > slack):
        what = "the output" if name == "output" else f"the gradient for {name}"
        yield trial.failure(
            "structure", name,
            f"{what} of a sample changes with the other samples of its batch",
        )  # fmt: skip


def _slack(trial: Trial, name: str, setting: Setting, sizes: Array) -> Array:
    """Return what rounding may change: nothing that adds lattice values rounds, all else may."""
    if trial.linear_form is None and name in ("x", "output"):
        slack: Array = bounds.function_error(sizes, np.zeros_like(sizes), trial.case.dtype)
        return slack
    most = rounding(trial, name, setting.inputs, abs(setting.first) + abs(setting.second))
    return np.full(sizes.shape, most)
