"""Near: the entries of a point that lie within reach of a kink, named and judged by themselves.

Without a spec nobody knows where a layer is not differentiable, so the forward is asked. What lies
near a kink is set aside, and its gradient has to lie between the derivatives from both sides, of
which it is said which one it takes: at ReLU's 0 "from the left, 0", "from the right, 1" or "the
mean, 1/2". So has that of all of them moved together, which tells a maximum's full gradient to each
of its ties from the conventions of taking the first, taking the last and splitting.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import bend, bounds
from gradcheck.bounds import Bound
from gradcheck.discrepancy import Discrepancy
from gradcheck.finding import Doubt, Note

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial

NAMED = 3
"""Entries that the note names."""


def aside(
    trial: Trial, name: str, gradient: Array, x: Array, tangent: Array
) -> Generator[Finding, None, Array]:
    """Judge the entries near a kink; return which they are, as a mask.

    All entries stay in where more than a bounded share lies near one.
    """
    mask = np.zeros(x.shape, bool)
    if trial.case.given is None:
        return mask
    most = int(bounds.MOST_ASIDE * x.size)
    found = bend.corners(trial.forward64(name), x, tangent, trial.precision, most)
    if len(found) > most:
        yield Doubt(
            check="kinks", wrt=name,
            reason=f"more than {most} of {x.size} entries of {name} lie within reach of a kink: "
            "move the point off it",
        )  # fmt: skip
        return mask
    if found:
        mask.flat[found] = True
        yield from _judged(trial, name, gradient, x, np.where(mask, np.abs(tangent), 0.0))
    return mask


def _judged(trial: Trial, name: str, gradient: Array, x: Array, reach: Array) -> Iterator[Finding]:
    """Judge each entry by itself, then all of them together."""
    f, u, said = trial.forward64(name), trial.cotangent.astype(np.float64), []
    places = [tuple(int(i) for i in index) for index in np.argwhere(reach)]
    for index in places:
        single = np.zeros(x.shape)
        single[index] = 1.0
        sides = bend.sides(f, x, single, float(reach[index]), trial.precision)
        label, away = f"{name}{list(index)}", _away(sides, float(x[index]))
        taken = sides.convention(u, float(gradient[index]))
        said.append(f"{label} ({away:.1e} away) {taken}")
        message = f"{label} lies {away:.1e} from a kink"
        yield from _outside(trial, name, gradient, single, sides, message, index)
    together = (reach > 0).astype(np.float64)
    sides = bend.sides(f, x, together, float(reach[reach > 0].min()), trial.precision)
    message = f"the {len(places)} entries of {name} near a kink, moved together"
    yield from _outside(trial, name, gradient, together, sides, message, ())
    more = ", ..." if len(said) > NAMED else ""
    yield Note(
        name="near a kink",
        message=f"{len(places)} of {x.size} entries of {name} are set aside, their gradients lie "
        f"between the derivatives from both sides: {', '.join(said[:NAMED])}{more}",
    )


def _away(sides: bend.Sides, x: float) -> float:
    """Return the distance, 0 where rounding may have made it."""
    return sides.distance if sides.distance > np.spacing(abs(x)) else 0.0


def _outside(
    trial: Trial, name: str, gradient: Array, direction: Array, sides: bend.Sides, where: str,
    index: tuple[int, ...],
) -> Iterator[Finding]:  # fmt: skip
    u = trial.cotangent.astype(np.float64)
    low, high = sides.interval(u)
    got = float(np.vdot(gradient, direction))
    size = float(np.abs(gradient[direction != 0]).sum()) + abs(low) + abs(high)
    slack = bounds.reduction(u.size + gradient.size, 2, trial.case.dtype) * size
    if low - slack <= got <= high + slack:
        return
    found = Discrepancy(
        wrt=name, index=index, backward=got, differences=low if got < low else high, autograd=None,
        bound=Bound(slack, "rounding beyond the derivatives from both sides"),
    )  # fmt: skip
    yield trial.failure(
        "kinks", name,
        f"{where}: the gradient is {got:.9g}; the derivatives from both sides allow "
        f"{low:.9g} to {high:.9g}",
        found,
    )  # fmt: skip
