"""Infer: how somebody's layer is called and which conventions it keeps, by looking and probing.

What is told by its output alone is told by the output; whether the gradients are right for the
convention that was found, the checks decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gradcheck.adapt._conventions import DATA, WEIGHT, Conventional
from gradcheck.adapt._oop import NOWHERE
from gradcheck.bounds import TOLD
from gradcheck.infer import (
    derivatives,
    dimensions,
    frameworks,
    functions,
    gradients,
    losses,
    objects,
    pairs,
    point,
    untold,
)
from gradcheck.infer.arguments import ITSELF, called, parameters_of, takes_no_bias
from gradcheck.infer.inferred import CannotInfer, Inferred, Said
from gradcheck.infer.naming import BACKWARD, SETTINGS, SIZES, meaning
from gradcheck.infer.probe import Probe, miss, reduction
from gradcheck.infer.unsettled import Unsettled, is_unsettled
from gradcheck.registry import UnknownName, load_layer

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.spec import Spec

__all__ = ["CannotInfer", "Inferred", "Said", "infer", "oracle_of", "parted"]


def infer(
    target: Any, spec: Spec, oracle: Any, *, backward: Any = None, said: Said | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Inferred:  # fmt: skip
    """Return a layer for a class, a factory, an instance, a function, or a pair of functions.

    Parameters
    ----------
    target : object
        The layer as somebody wrote it, or its forward.
    spec : Spec
        The contract it is to be held against.
    oracle : Oracle, Layer or None
        Tells conventions by its output at one point.
    backward : callable, optional
        The backward of a pair.
    said : Said, optional
        What need not be worked out.
    fixed : Mapping, optional
        Facts of the case that are pinned.

    Raises
    ------
    CannotInfer
        If the target is of no known form; the message says what to hand over instead.
    """
    told = said or Said()
    if isinstance(getattr(target, "inputs", None), tuple) and callable(target) and backward is None:
        return Inferred(layer=target, assumed=("a prepared adapter",))
    if oracle is not None and losses.is_loss(spec):
        return losses.infer(target, backward, spec, oracle, told)
    target, backward, seen_as = _plain(target, backward)
    _known_layouts(told)
    if not callable(target) and not any(hasattr(target, name) for name in BACKWARD):
        raise CannotInfer(f"{target!r:.60} is neither a class, a function nor a layer")
    if oracle is None:
        raise CannotInfer(f"{spec.name} has no oracle here to tell conventions by; give an adapter")
    _used(told, target, backward)
    pins = dict(fixed or {})
    try:
        (probe, layer, assumed), suspect = _best(target, backward, spec, oracle, told, pins)
    except CannotInfer:
        taped = frameworks.tape_of(target) if backward is None else None
        if taped is None:
            raise
        seen_as = (taped[1],)
        (probe, layer, assumed), suspect = _best(taped[0], None, spec, oracle, told, pins)
    settled = replace(layer, reduction=told.reduction or reduction(layer, probe))
    known = _known(layer)
    unknown = {k: v for k, v in probe.config.items() if k not in known and k not in pins}
    built_in = untold.tuned(settled, spec, oracle, unknown, pins, probe)
    unknown |= built_in
    unknown |= _biased(settled, spec, oracle, pins, unknown, probe)
    settled, unknown, unanswered = untold.settled(settled, spec, unknown, pins, known, probe)
    settled, narrow = pairs.told(settled, spec, oracle, {**unknown, **pins}, known, probe)
    taken = dimensions.told(settled, spec, oracle, {**unknown, **pins})
    omitted = _omitted(settled)
    told_so = (
        *seen_as,
        *assumed,
        *_conventions(settled),
        *(f"no gradient for {n}" for n in omitted),
        *(f"{key} is {value!r}, built in" for key, value in built_in.items()),
    )
    return Inferred(
        layer=_looking(settled, told), assumed=told_so, fixed=unknown, narrow=taken or narrow,
        named=spec.inputs, omitted=omitted, suspect=suspect,
        unanswered=unanswered,
    )  # fmt: skip


def _looking(layer: Conventional, told: Said) -> Conventional | Unsettled:
    """Return a layer that looks for its gradients at each case, if they are not found yet."""
    if not is_unsettled(layer):
        return layer
    if not hasattr(layer.layer, "make"):
        return Unsettled(seen=layer, settle=functions.placed)
    return Unsettled(seen=layer, settle=lambda seen, at: gradients.settled(seen, at, told))


def _omitted(layer: Conventional) -> tuple[str, ...]:
    """Return x, if the layer gives no gradient for it."""
    if is_unsettled(layer):
        return ()
    inner: Any = layer.layer
    given = inner.dx != NOWHERE if hasattr(inner, "make") else "x" in inner.backward.places
    return () if given else ("x",)


def _plain(target: Any, backward: Any) -> tuple[Any, Any, tuple[str, ...]]:
    """Return a framework's target as a plain function or class, and what was assumed of it."""
    if backward is not None:
        found = frameworks.joined(target, backward)
    else:
        found = frameworks.class_of(target) or frameworks.function_of(target)
    return (target, backward, ()) if found is None else (found[0], None, (found[1],))


def _biased(
    layer: Conventional, spec: Spec, oracle: Any, pins: dict[str, Any], unknown: dict[str, Any],
    probe: Probe,
) -> dict[str, Any]:  # fmt: skip
    """Return whether there always is a bias, or never."""
    if "bias" not in spec.optional or "bias" in pins:
        return {}
    if probe.inputs["bias"] is None:
        return {"bias": False}
    told = {**probe.inputs, "bias": None}
    without = replace(probe, inputs=told, output=oracle(probe.config).pull(**told)[0])
    try:
        miss(layer, without)
    except Exception:  # it cannot do without
        return {"bias": True}
    # Where it is right with one alone, it keeps the bias that it drew when it was made.
    return {} if untold.near(layer, without) or not untold.near(layer, probe) else {"bias": True}


def oracle_of(spec: Spec) -> Any:
    """Return what tells conventions: the spec's oracle, or the layer that this project ships.

    None where there is neither; then a layer has to be in its normal form.
    """
    if spec.oracle is not None and not spec.oracle.missing():
        return spec.oracle
    try:
        return load_layer(f"gradcheck:{spec.name}")[0]
    except UnknownName:
        return None


def parted(spec: Spec, fixed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part what is a fact of the spec's cases from what the target itself is to be told."""
    facts = point.facts(spec)
    pins = {key: value for key, value in fixed.items() if key in facts}
    extra = {key: value for key, value in fixed.items() if key not in facts}
    for key, value in extra.items():  # pool_size=2 is a fact of the cases, too
        for said in (s for s, names in SETTINGS.items() if key in names and s in facts):
            if said not in pins and point.pinnable(spec, {said: value}):
                pins[said] = value
    return pins, extra


def _known_layouts(said: Said) -> None:
    for option, value, known in (
        ("--layout", said.layout, DATA), ("--weight-layout", said.weight_layout, WEIGHT),
    ):  # fmt: skip
        if value and value not in known:
            raise CannotInfer(f"{option} {value}: it is one of {', '.join(known)}")


def _used(said: Said, *targets: Any) -> None:
    """Refuse an argument that nothing takes."""
    taken = {p.name for target in targets if callable(target) for p in parameters_of(target)}
    if unknown := sorted(set(said.extra) - taken):
        raise CannotInfer(
            f"--fix {unknown[0]}: neither a setting of the spec nor an argument of "
            f"{called(targets[0])} ({', '.join(sorted(taken)) or 'it takes none'})"
        )


Seen: TypeAlias = tuple[Probe, Conventional, tuple[str, ...]]
"""A point, the layer as it is seen there, and what was assumed."""


def _best(
    target: Any, backward: Any, spec: Spec, oracle: Any, said: Said, fixed: dict[str, Any]
) -> tuple[Seen, Case | None]:
    """Return the layer at the point at which it comes nearest to the oracle.

    With it a case at which its backward raised, if there is one: that layer comes last.
    """
    first: CannotInfer | None = None
    best: Seen | None = None
    raised: Seen | None = None
    least = np.inf
    unbiased = "bias" in spec.optional and takes_no_bias(target)
    for probe in point.points(spec, oracle, {"bias": False, **fixed} if unbiased else fixed):
        try:
            made = _at(target, backward, probe, said)
        except CannotInfer as error:
            first = first or error
            continue
        if is_unsettled(made[0]):
            raised = raised or (probe, *made)
            continue
        far = miss(made[0], probe) / max(float(np.max(np.abs(probe.output))), 1.0)
        if far < least:
            best, least = (probe, *made), far
        if far < TOLD:
            break
    if best is None and raised is None:
        assert first is not None  # there is at least one point
        raise first
    found = best or raised
    assert found is not None  # one of them is there
    return found, raised[0].case if raised else None


def _at(
    target: Any, backward: Any, probe: Probe, said: Said
) -> tuple[Conventional, tuple[str, ...]]:
    primitive = derivatives.pair(target) if backward is None else None
    if primitive is not None:
        return functions.layer(*primitive, probe, said)
    if backward is None and objects.is_layer(target):
        return objects.layer(target, probe, said)
    return functions.layer(target, backward, probe, said)


def _known(layer: Conventional) -> dict[str, str]:
    """Return the settings that a layer can be told, each with the form that it takes."""
    inner: Any = layer.layer
    way = inner.make.way if hasattr(inner, "make") else inner.forward.way
    forms = [label.split(" ") for label in way.means.values() if label.count(" ") == 1]
    known = {key: form for key, form in forms if key in SETTINGS or form == ITSELF}
    known |= {"kernel_size": "pair"} if "rows" in way.means.values() else {}
    asked = inner.forward.asked if not hasattr(inner, "make") else ()
    sizes = {meaning(name, SIZES) for name in asked}
    known |= {"kernel_size": "pair"} if "rows" in sizes else {}
    return known | {key: "single" for name in asked if (key := meaning(name, SETTINGS))}


def _conventions(layer: Conventional) -> list[str]:
    said = [f"kernels {layer.weight_layout}"] if layer.weight_layout else []
    if layer.flipped:
        said.append("true convolution, the kernel turned by 180 degrees")
    if layer.bias_shape:
        said.append(f"bias of shape {layer.bias_shape}".replace("-1", "C"))
    if layer.layout not in ("NCHW", "NC"):
        said.append(f"data {layer.layout}{', one sample at a time' if layer.sampled else ''}")
    if layer.reduction != "sum":
        said.append(SCALES[layer.reduction])
    return said


SCALES = {
    "mean": "gradients of all parameters divided by the batch",
    "-sum": "gradients of all parameters with the sign of a descent",
    "-mean": "gradients of all parameters divided by the batch, with the sign of a descent",
}
