"""Setting: a point with its pullback, and a cotangent that is the sum of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bounds
from gradcheck.lattice import as_floats
from gradcheck.magnitude import rounding, steepest
from gradcheck.spec import Smooth

if TYPE_CHECKING:
    from gradcheck.centre import Centre
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
    largest: dict[str, float] = field(default_factory=dict)
    """What an entry may lose, by name, once it was asked for."""


def settle(trial: Trial) -> Setting:
    """Return the setting of a trial: on the lattice where the form allows, real elsewhere."""
    return _real(trial) if trial.centre is None else _on_lattice(trial, trial.centre)


def _real(trial: Trial) -> Setting:
    inputs, u = trial.point.inputs, trial.cotangent
    second = trial.rng("second").standard_normal(u.shape).astype(trial.case.dtype)
    output, pullback = trial.pull(inputs)
    return Setting(inputs, output, pullback, u, second, pullback(u + second))


def _on_lattice(trial: Trial, centre: Centre) -> Setting:
    """Split the cotangent in two of any signs: magnitudes add where signs agree."""
    lattice, dtype, rng = centre.lattice, trial.case.dtype, trial.rng("second")
    u, most, step = lattice.cotangent, lattice.most, lattice.step
    # Neither part exceeds the budget of the whole.
    low, high = np.maximum(u - most, -most), np.minimum(u + most, most)
    part = rng.integers(low // step, high // step, endpoint=True) * step
    first, second = (as_floats(a, lattice.exponents["cotangent"], dtype) for a in (part, u - part))
    inputs = {name: centre.inputs.get(name) for name in trial.layer.inputs}
    return Setting(inputs, centre.output, centre.pullback, first, second, centre.gradients)


def slack(trial: Trial, name: str, most: float, *parts: Array) -> Array | float:
    """Return what rounding may change where two numbers are not equal, as on the lattice they are.

    A product with a steep derivative rounds by the size of its ``parts``, whatever the size of the
    inputs.
    """
    form = trial.spec.form if trial.spec else None
    if not isinstance(form, Smooth):
        return most
    sizes: Array = sum(map(np.abs, parts), start=np.zeros(()))
    with np.errstate(over="ignore"):  # of sizes that are infinite together nothing is seen
        errors: Array = bounds.function_error(sizes, np.zeros_like(sizes), trial.case.dtype)
    return errors if form.pointwise and name in ("x", "output") else errors + most


def beneath(trial: Trial, name: str, setting: Setting) -> float:
    """Return what digits that cancel within an entry may take from it: they are of the scale."""
    form = trial.spec.form if trial.spec else None
    if not (isinstance(form, Smooth) and form.pointwise):
        return 0.0  # `most` holds the scale where entries talk
    u = float(np.max(abs(setting.first) + abs(setting.second), initial=0.0))
    return bounds.scale_error(steepest(trial, name, u), trial.case.dtype)


def most(trial: Trial, name: str, setting: Setting) -> float:
    """Return what an entry may lose where its own size says nothing."""
    if name not in setting.largest:
        u = abs(setting.first) + abs(setting.second)
        setting.largest[name] = rounding(trial, name, setting.inputs, u)
    return setting.largest[name]
