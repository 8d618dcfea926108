"""Structure: what holds of every backward, with no reference to compare it with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds, guard
from gradcheck.lattice import as_floats
from gradcheck.magnitude import rounding
from gradcheck.spec import Smooth

if TYPE_CHECKING:
    from gradcheck.centre import Centre
    from gradcheck.finding import Finding
    from gradcheck.guard import Present
    from gradcheck.layer import Array, Inputs
    from gradcheck.trial import Trial


@dataclass(frozen=True)
class Setting:
    """A point with its pullback, and a cotangent that is the sum of two.

    On the lattice where the form allows, real elsewhere.
    """

    inputs: Inputs
    output: Array
    pullback: Present
    first: Array
    second: Array
    of_sum: Mapping[str, Array]


def check(trial: Trial) -> Iterator[Finding]:
    """Yield failures of linearity, of silence at zero, and of independence in the batch."""
    setting = _real(trial) if trial.centre is None else _on_lattice(trial, trial.centre)
    output, pullback = setting.output, setting.pullback
    zero = pullback(np.zeros_like(output))
    for name, gradient in zero.items():
        if np.any(gradient != 0):
            yield trial.failure(
                "structure",
                name,
                f"an all-zero cotangent gives a gradient for {name} that is not 0",
            )
            return
    first = pullback(setting.first)
    yield from _linear(trial, setting, first, pullback(setting.second))
    if trial.spec is not None and trial.spec.batched and output.ndim and output.shape[0] > 1:
        yield from _batch(trial, setting, first)


def _real(trial: Trial) -> Setting:
    inputs, u = trial.point.inputs, trial.cotangent
    second = trial.rng("second").standard_normal(u.shape).astype(trial.case.dtype)
    output, pullback = trial.pull(inputs)
    return Setting(inputs, output, pullback, u, second, pullback(u + second))


def _on_lattice(trial: Trial, centre: Centre) -> Setting:
    """Split the cotangent in two of any signs: magnitudes add where signs agree."""
    lattice, dtype, rng = centre.lattice, trial.case.dtype, trial.rng("second")
    u, most = lattice.cotangent, lattice.most
    low, high = (np.clip(u + side, -most, most) // lattice.step for side in (-most, most))
    # Neither part exceeds the budget of the whole.
    part = rng.integers(low, high, endpoint=True) * lattice.step
    first, second = (as_floats(a, lattice.exponents["cotangent"], dtype) for a in (part, u - part))
    inputs = dict.fromkeys(trial.layer.inputs) | lattice.at(0, dtype)
    return Setting(inputs, centre.output, centre.pullback, first, second, centre.gradients)


def _linear(
    trial: Trial, setting: Setting, first: Mapping[str, Array], second: Mapping[str, Array]
) -> Iterator[Finding]:
    """Hold the pullback of a sum of cotangents against the sum of their pullbacks."""
    for name, gradient in setting.of_sum.items():
        parts = first[name].astype(np.float64) + second[name]
        sizes = abs(first[name]) + abs(second[name]) + abs(gradient)
        slack = _slack(trial, name, _most(trial, name, setting), sizes)
        if np.any(np.abs(gradient - parts) > slack):
            yield trial.failure(
                "structure", name,
                f"the gradient for {name} is not linear in the upstream gradient: "
                "backward(u1 + u2) differs from backward(u1) + backward(u2)",
            )  # fmt: skip
            return


def _batch(trial: Trial, setting: Setting, gradients: Mapping[str, Array]) -> Iterator[Finding]:
    """Hold each sample alone against the batch, and parameter gradients against their sum."""
    assert trial.spec is not None
    batched, output = trial.spec.batched, setting.output
    most = {n: _most(trial, n, setting) for n in ("output", *gradients)}
    sums = {n: np.zeros(g.shape, np.float64) for n, g in gradients.items() if n not in batched}
    sizes = {n: np.zeros(g.shape, np.float64) for n, g in sums.items()}
    for row in range(output.shape[0]):
        one = slice(row, row + 1)
        alone = {n: a[one] if n in batched and a is not None else a
                 for n, a in setting.inputs.items()}  # fmt: skip
        y, pullback = guard.pull(trial.configured, alone, None, hand=trial.hand)
        found = pullback(setting.first[one])
        yield from _differs(trial, "output", y, output[one], most["output"])
        for name, gradient in found.items():
            if name in batched:
                yield from _differs(trial, name, gradient, gradients[name][one], most[name])
            else:
                sums[name] += gradient
                sizes[name] += np.abs(gradient)
    for name, total in sums.items():
        slack = _slack(trial, name, most[name], sizes[name] * output.shape[0])
        if np.any(np.abs(total - gradients[name]) > slack):
            yield trial.failure(
                "structure", name,
                f"the gradient for {name} is not the sum of what each sample gives alone",
            )  # fmt: skip


def _differs(
    trial: Trial, name: str, alone: Array, together: Array, most: float
) -> Iterator[Finding]:
    slack = _slack(trial, name, most, abs(alone) + abs(together))
    if alone.shape != together.shape or np.any(np.abs(alone - together) > slack):
        what = "the output" if name == "output" else f"the gradient for {name}"
        yield trial.failure(
            "structure", name,
            f"{what} of a sample changes with the other samples of its batch",
        )  # fmt: skip


def _slack(trial: Trial, name: str, most: float, sizes: Array) -> Array | float:
    """Return what rounding may change: nothing that adds lattice values rounds, all else may."""
    form = trial.spec.form if trial.spec else None
    if isinstance(form, Smooth) and form.pointwise and name in ("x", "output"):
        slack: Array = bounds.function_error(sizes, np.zeros_like(sizes), trial.case.dtype)
        return slack
    return most


def _most(trial: Trial, name: str, setting: Setting) -> float:
    return rounding(trial, name, setting.inputs, abs(setting.first) + abs(setting.second))
