"""Infer: which adapter fits, from signature and attributes; what was assumed is said."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gradcheck.adapt._cs231n import KEYS, cs231n
from gradcheck.adapt._functional import functional
from gradcheck.adapt._naming import ARRAYS, BACKWARD, FORWARD, SETTINGS, SIZES, meaning
from gradcheck.adapt._oop import Make, oop
from gradcheck.adapt._settings import NEUTRAL, square

if TYPE_CHECKING:
    from gradcheck.layer import Layer


class CannotInfer(ValueError):  # noqa: N818 - names what it is
    """A target of a form that is not known; the message says what to hand over instead."""


@dataclass(frozen=True, kw_only=True)
class Inferred:
    """A layer, what was assumed to make it, and the settings that it does not know."""

    layer: Layer
    assumed: tuple[str, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    stateful: bool = False


def pair(forward: Any, backward: Any, inputs: tuple[str, ...], settings: Iterable[str]) -> Inferred:
    """Return the layer that two functions make."""
    taken = list(inspect.signature(forward).parameters)
    last = taken[-1] if taken else ""
    if last.endswith(("param", "params", "config", "hparameters")):
        layer = cs231n(forward, backward, inputs)
        said = f"(out, cache) pairs, settings in a dict {last} ({', '.join(map(str, KEYS))})"
        return Inferred(layer=layer, assumed=(said,), fixed=_unknown(settings, KEYS))
    known = {key: name for name in taken if (key := meaning(name, SETTINGS))}

    def told(*arrays: Any, **config: Any) -> Any:
        return forward(*arrays, **_renamed(config, known))

    layer = functional(told, backward, inputs, name=getattr(forward, "__name__", None))
    said = f"(y, cache) pairs, settings by keyword ({', '.join(known.values()) or 'none'})"
    return Inferred(layer=layer, assumed=(said,), fixed=_unknown(settings, known))


def objects(
    kind: Callable[..., Any],
    settings: Iterable[str],
    params: Mapping[str, str],
    grads: Mapping[str, str],
    weight_layout: str,
) -> Inferred:
    """Return the layer that a class or a factory makes."""
    taken = inspect.signature(kind).parameters
    told: dict[str, tuple[str, str]] = {}
    for name, parameter in taken.items():
        flag = isinstance(parameter.default, bool)
        for table, kept in ((SETTINGS, "setting"), (SIZES, "size"), (ARRAYS, "array")):
            if (what := meaning(name, table)) and not (flag and kept == "array"):
                told[name] = (kept, what)
        if name not in told and parameter.default is parameter.empty and parameter.kind < 2:
            raise CannotInfer(
                f"{_called(kind)} takes {name!r}, whose meaning is not known; hand over an "
                f"adapter: "
                f"adapt.oop(lambda config, arrays: {_called(kind)}(...))"
            )
    forward, backward = _method(kind, FORWARD), _method(kind, BACKWARD)
    layer = oop(
        _maker(kind, told, weight_layout), params=params, grads=grads,
        forward=forward, backward=backward, name=_called(kind),
    )  # fmt: skip
    known = {what: name for name, (kept, what) in told.items() if kept == "setting"}
    fixed = _unknown(settings, known)
    said = f"state kept on self ({forward}, {backward})"
    return Inferred(layer=layer, assumed=(said,), fixed=fixed, stateful=True)


def _maker(kind: Callable[..., Any], told: Mapping[str, tuple[str, str]], layout: str) -> Make:
    def make(config: Mapping[str, Any], arrays: Mapping[str, Any]) -> Any:
        scope: dict[tuple[str, str], Any] = {
            ("setting", key): square(key, value, told=True) for key, value in config.items()
        }
        scope |= {("array", name): array for name, array in arrays.items()}
        weight = arrays.get("weight")
        if weight is not None:
            extent = dict(zip(layout, weight.shape, strict=True))
            scope["size", "fan_in"] = extent["I"] * int(config.get("groups", 1))
            scope["size", "fan_out"] = extent["O"]
            if "H" in extent:
                kernel = extent["H"], extent["W"]
                scope["setting", "kernel_size"] = square("kernel", kernel, told=True)
        return kind(**{name: scope[what] for name, what in told.items() if what in scope})

    return make


def _method(kind: Any, names: tuple[str, ...]) -> str:
    for name in names:
        if callable(getattr(kind, name, None)) and not (name == "__call__" and _plain(kind)):
            return name
    raise CannotInfer(f"{_called(kind)} has none of the methods {', '.join(names)}")


def _plain(kind: Any) -> bool:
    return "__call__" not in vars(kind) if isinstance(kind, type) else False


def _renamed(config: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    settled = {k: square(k, value, told=k in known) for k, value in config.items()}
    return {known[key]: value for key, value in settled.items() if key in known}


def _unknown(settings: Iterable[str], known: Iterable[str]) -> dict[str, Any]:
    absent = [key for key in settings if key not in known and key in NEUTRAL]
    return {key: NEUTRAL[key] for key in absent}


def _called(kind: Any) -> str:
    return str(getattr(kind, "__name__", type(kind).__name__))
