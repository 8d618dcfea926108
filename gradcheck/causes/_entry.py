"""Entry: which output the layer lets depend wrongly on which input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck import rows
from gradcheck.bounds import Bound, scale_error
from gradcheck.discrepancy import Discrepancy

if TYPE_CHECKING:
    from gradcheck.causes._scene import Scene
    from gradcheck.layer import Array
    from gradcheck.rows import Row


def worst(scene: Scene) -> Discrepancy | None:
    """Return the entry of the Jacobian that the backward has most wrong, or None."""
    trial = scene.trial
    pull = trial.pull(scene.whole.inputs)[1]
    weights = np.where(scene.cotangent == 0, 1.0, scene.cotangent).astype(trial.case.dtype)
    worst_of: tuple[float, Row, int] | None = None
    for row in rows.pulled(scene.whole, pull, weights):
        apart = np.abs(row.backward - row.differences) - _slack(scene, row.differences, row.bar)
        column = int(np.argmax(apart))
        if apart[column] > 0 and (worst_of is None or apart[column] > worst_of[0]):
            worst_of = float(apart[column]), row, column
    if worst_of is None:
        return None  # right row by row, wrong together: the backward is not linear
    _, row, column = worst_of
    output, said, true = rows.guilty(scene.whole, pull, row, column)
    return Discrepancy(
        wrt=scene.name, index=_index(column, scene.backward.shape), backward=said,
        differences=true, autograd=None, output=_index(output, scene.cotangent.shape),
        bound=Bound(scene.block.widest, "error bar of the differences"),
    )  # fmt: skip


def _slack(scene: Scene, differences: Array, bar: Array) -> Array:
    size = float(np.max(np.abs(differences), initial=0.0))
    return bar + scale_error(size, scene.trial.case.dtype)


def _index(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape))
