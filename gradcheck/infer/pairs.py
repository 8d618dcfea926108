"""Pairs: whether a layer takes one number for all axes, told by trying two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradcheck.adapt._conventions import Conventional
from gradcheck.infer import point
from gradcheck.infer.narrow import Narrow
from gradcheck.infer.probe import miss
from gradcheck.spec import Contradiction

if TYPE_CHECKING:
    from gradcheck.infer.arguments import Way
    from gradcheck.infer.probe import Probe
    from gradcheck.spec import Spec


def told(
    layer: Conventional, spec: Spec, oracle: Any, pins: Mapping[str, Any],
    known: Mapping[str, str], probe: Probe,
) -> tuple[Conventional, Narrow]:  # fmt: skip
    """Return the layer told in pairs where it takes them, and what it does not know."""
    settled, narrow = _axes(layer, spec, oracle, pins, known, probe)
    if not any(c.name == "inexact floor" for c in spec.classes):
        return settled, narrow
    divided = replace(narrow, divides=True)
    try:
        inexact = point.draw(spec, oracle, pins, wish="inexact", narrow=narrow)
        exact = point.draw(spec, oracle, pins, wish="inexact", narrow=divided)
    except Contradiction:  # a stride of 1 divides
        return settled, narrow
    return settled, divided if not _runs(settled, inexact) and _runs(settled, exact) else narrow


def _axes(
    layer: Conventional, spec: Spec, oracle: Any, pins: Mapping[str, Any],
    known: Mapping[str, str], probe: Probe,
) -> tuple[Conventional, Narrow]:  # fmt: skip
    narrow = Narrow(oracle=oracle, **_only(layer, probe))
    if not any(c.name in ("kh != kw", "sh != sw") for c in spec.classes):
        return layer, narrow
    wide = point.draw(spec, oracle, pins, wish="rectangular", narrow=narrow)
    for candidate in (_in_pairs(layer), layer):
        if candidate is not None and _runs(candidate, wide):
            return candidate, narrow
    single = tuple(k for k, form in known.items() if form != "pair" and k in probe.config)
    numbers = tuple(k for k in single if k != "kernel_size" and isinstance(probe.config[k], tuple))
    squarer = replace(narrow, settings=numbers, square="kernel_size" in single)
    wide = point.draw(spec, oracle, pins, wish="rectangular", narrow=squarer)
    return layer, squarer if _runs(layer, wide) else replace(squarer, square=True)


def _only(layer: Conventional, probe: Probe) -> dict[str, Any]:
    """Return what the layer's own kernel says that it knows alone."""
    weight = probe.inputs.get("weight")
    one = layer.layout.startswith("HW") and "C" not in layer.layout.partition("->")[0]
    if weight is None or weight.ndim < 3:
        return {"channels": 1} if one else {}
    inner: Any = layer.layer
    keeps = hasattr(inner, "make") and "weight" in inner.params
    sized = keeps and not inner.make.way.sized("kernel_size", "rows", "channels in")
    return {"window": tuple(weight.shape[2:]) if sized else (), "channels": 1 if one else 0}


def _runs(layer: Conventional, probe: Probe) -> bool:
    """Tell whether a layer gives an output at all; a wrong one is for the checks."""
    try:
        miss(layer, probe)
    except Exception:
        return False
    return True


def _in_pairs(layer: Conventional) -> Conventional | None:
    """Return the layer told pairs instead of single numbers, or None where that is the same."""
    inner: Any = layer.layer
    if hasattr(inner, "make"):
        way: Way = inner.make.way.in_pairs()
        same = way.means == inner.make.way.means
        changed = replace(inner, make=replace(inner.make, way=way))
    else:
        way = inner.forward.way.in_pairs()
        same = way.means == inner.forward.way.means
        changed = replace(inner, forward=replace(inner.forward, way=way))
    return None if same else replace(layer, layer=changed)
