"""Parameters: where an object keeps its weight and bias, and in which layouts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._conventions import Conventional
from gradcheck.adapt._oop import Oop, oop
from gradcheck.adapt._place import places
from gradcheck.adapt._seeded import seeded
from gradcheck.infer.arguments import called
from gradcheck.infer.candidates import biases, kernels
from gradcheck.infer.dressed import dressed
from gradcheck.infer.inferred import CannotInfer, Said
from gradcheck.infer.naming import ARRAYS, OUTPUTS

if TYPE_CHECKING:
    from gradcheck.infer.probe import Probe
    from gradcheck.layer import Array


def candidates(
    plain: Conventional, draft: Any, made: Any, arrays: dict[str, Any], probe: Probe, said: Said,
    raised: list[Exception],
) -> Iterator[Conventional]:  # fmt: skip
    """Yield the layer with its parameters found, in each layout that they may have."""
    taken = set(draft.way.means.values()) & set(probe.params)
    wanted = [name for name in probe.params if name not in taken]
    kept, lazy = _kept(made, wanted, probe, said), False
    if any(name not in kept for name in wanted):
        getattr(made, draft.forward)(arrays["x"], **draft.forward_with)
        kept, lazy = _kept(made, wanted, probe, said), True
    if missing := [name for name in wanted if name not in kept]:
        raise CannotInfer(
            f"no array like the {missing[0]} is found on {type(made).__name__}; "
            f"say --params {missing[0]}=PLACE"
        )
    inner = oop(
        draft, params={n: spots for n, (spots, _) in kept.items()},
        grads=dict.fromkeys(probe.params, "?"),
        forward=draft.forward, backward=draft.backward, forward_with=draft.forward_with, lazy=lazy,
        name=called(draft.make if isinstance(draft.make, type) else type(made)),
    )  # fmt: skip
    shapes = {n: a.shape for n, (_, a) in kept.items() if _alike(n, a, probe, said)}
    for weight, bias, flipped in product(
        kernels(said, probe, shapes.get("weight")),
        biases(probe.inputs.get("bias"), shapes.get("bias")),
        (False, True) if getattr(probe.inputs.get("weight"), "ndim", 0) > 2 else (False,),
    ):
        seen = replace(plain, layer=inner, weight_layout=weight, bias_shape=bias, flipped=flipped)
        try:
            yield replace(seen, layer=_with_output(seen, inner, probe))
        except Exception as error:  # in these layouts it does not run; in others it may
            raised.append(error)


def _with_output(seen: Conventional, inner: Oop, probe: Probe) -> Oop:
    """Settle where the output is: returned, first of what is returned, or kept on the object."""
    at = dressed(seen, probe)
    configured = inner(at.config)
    with np.errstate(all="ignore"), seeded():
        made = configured.fresh(at.arrays)
        output = configured.forward(made, at.arrays)
    if isinstance(output, np.ndarray):
        return inner
    if isinstance(output, tuple) and isinstance(output[0], np.ndarray):
        return replace(inner, output="returned[0]")
    kept = dict(places(made))
    return replace(inner, output=next(n for n in OUTPUTS if n in kept))


def _kept(
    made: Any, wanted: list[str], probe: Probe, said: Said
) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Return the places and the array of each parameter that an object keeps."""
    arrays = list(places(made))
    found = {}
    for name in wanted:
        array = _one(name, arrays, probe, said)
        if array is not None:
            spots = tuple(place for place, kept in arrays if kept is array)
            found[name] = spots, array
    return found


def _one(name: str, arrays: list[tuple[str, Array]], probe: Probe, said: Said) -> Array | None:
    if name in said.params:
        return next((a for place, a in arrays if place == said.params[name]), None)
    alike = [(place, a) for place, a in arrays if _alike(name, a, probe, said)]
    named = [a for place, a in alike if last(place) in ARRAYS[name]]
    others = [a for place, a in arrays if last(place) in ARRAYS[name]]  # an instance of its size
    return next(iter(named or [a for _, a in alike] or others), None)


def _alike(name: str, array: Array, probe: Probe, said: Said) -> bool:
    """Tell whether an array has the shape of a parameter in some layout."""
    wanted = probe.inputs[name]
    assert wanted is not None
    if array.size != wanted.size:
        return False
    if name == "weight" and wanted.ndim in (2, 4):
        return next(kernels(said, probe, array.shape), None) is not None
    return name != "bias" or next(biases(wanted, array.shape), None) is not None


def last(place: str) -> str:
    """Return the last name or key of a place.

    >>> last("params[W]"), last("conv.W")
    ('W', 'W')
    """
    return place.replace("[", ".").replace("]", "").split(".")[-1]
