"""A stranger's target, made a layer: the adapter inferred, the conventions told by probing."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradcheck.adapt import Oop, _infer, _probe, conventions
from gradcheck.adapt._infer import CannotInfer, Inferred
from gradcheck.adapt._naming import ARRAYS, meaning

if TYPE_CHECKING:
    from gradcheck.spec import Spec

WEIGHTS = {4: ("OIHW", "HWIO", "IOHW", "OHWI"), 2: ("OI", "IO")}


def prepared(
    target: Any, backward: Any, spec: Spec, said: Mapping[str, Any], probe: _probe.Probe
) -> Inferred:
    """Return the layer, what was assumed, and the settings that it does not know."""
    if backward is None and isinstance(getattr(target, "inputs", None), tuple):
        return Inferred(layer=target, assumed=("a prepared adapter",))
    if backward is not None:
        made = _infer.pair(target, backward, spec.inputs, probe.config)
        return _conventional(lambda _: made, said, probe)
    if not callable(target):
        raise CannotInfer(f"{target!r:.60} is neither a class, a factory nor an adapter")
    params, grads = dict(said["params"]), dict(said["grads"])

    def build(layout: str) -> Inferred:
        return _infer.objects(target, probe.config, params, grads, layout)

    given = {meaning(name, ARRAYS) for name in inspect.signature(target).parameters}
    layout, weight = _layouts(build, said, probe)
    watched: list[Any] = []
    layer = build(weight).layer
    assert isinstance(layer, Oop)
    seen = conventions(_watching(layer, watched), layout=layout, weight_layout=weight)
    seen(probe.config).pull(**probe.inputs)
    unset = tuple(name for name in probe.params if name not in given)
    params.update({**_probe.places(watched[-1], unset, gradient=False), **params})
    cotangent = probe.cotangent.transpose(0, 2, 3, 1) if layout == "NHWC" else probe.cotangent
    getattr(watched[-1], layer.backward)(cotangent)
    found = _probe.places(watched[-1], probe.params, gradient=True)
    grads.update({n: p for n, p in {**found, **grads}.items() if n in probe.params})
    for name in probe.params:
        if name not in grads:
            raise CannotInfer(f"no gradient for {name} is found; say --grads {name}=PLACE")
    return _conventional(build, said, probe)


def _watching(layer: Oop, watched: list[Any]) -> Oop:
    def make(config: Mapping[str, Any], arrays: Mapping[str, Any]) -> Any:
        watched.append(layer.make(config, arrays))
        return watched[-1]

    return replace(layer, make=make)


def _layouts(build: Any, said: Mapping[str, Any], probe: _probe.Probe) -> tuple[str, str]:
    x, weight = probe.inputs["x"], probe.inputs.get("weight")
    data = ("NCHW", "NHWC") if x is not None and x.ndim == 4 else ("NCHW",)
    kernels = WEIGHTS.get(weight.ndim, ("",)) if weight is not None else ("",)
    return _probe.nearest_layout(
        lambda layout: build(layout).layer,
        probe,
        (said["layout"],) if said["layout"] else data,
        (said["weight_layout"],) if said["weight_layout"] else kernels,
    )


def _conventional(build: Any, said: Mapping[str, Any], probe: _probe.Probe) -> Inferred:
    layout, weight = _layouts(build, said, probe)
    made: Inferred = build(weight)
    plain = conventions(made.layer, layout=layout, weight_layout=weight)
    reduction = said["reduction"] or _probe.parameter_reduction(plain, probe)
    layer = replace(plain, reduction=reduction)
    return replace(made, layer=layer, assumed=(*made.assumed, *_told(made, layer)))


def _told(made: Inferred, layer: Any) -> list[str]:
    told = []
    if isinstance(made.layer, Oop):
        grads, params = made.layer.grads.values(), made.layer.params.values()
        told += [f"gradients in {' and '.join(f'.{g}' for g in grads)}"] if grads else []
        told += [f"parameters in {' and '.join(f'.{p}' for p in params)}"] if params else []
    if layer.weight_layout:
        told.append(f"kernels {layer.weight_layout}")
    if layer.layout != "NCHW":
        told.append(f"data {layer.layout}")
    if layer.reduction == "mean":
        told.append("gradients of all parameters divided by the batch")
    return told
