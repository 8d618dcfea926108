"""Untold: the settings that a layer takes no argument for, and what becomes of them.

One that is a choice is pinned where the layer was seen to be right. One that follows from the
others, as running statistics are None in training, needs no pin. One that differs from case to
case, as a mask does, is the layer's own to draw, and no oracle knows it then.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck import found
from gradcheck.bounds import TOLD
from gradcheck.infer import point
from gradcheck.infer.inferred import CannotInfer
from gradcheck.infer.naming import FORWARD, FUNCTION
from gradcheck.infer.probe import miss

if TYPE_CHECKING:
    from gradcheck.adapt._conventions import Conventional
    from gradcheck.infer.probe import Probe
    from gradcheck.spec import Spec

CONSTANTS = ("negative_slope", "alpha", "eps")
"""Settings that a layer may have built in at a value of its own."""

USUAL = (0.1, 0.2, 0.3, 0.05, 1.0)
"""Values at which they are found, where its code does not name one."""

WIDEST = {"p": 0.9}
"""Where a dropout is not told how much: bounds for a factor of ten hold for a smaller one."""


def settled(
    layer: Conventional, spec: Spec, unknown: Mapping[str, Any], pins: Mapping[str, Any],
    known: Mapping[str, str], probe: Probe,
) -> tuple[Conventional, dict[str, Any], str]:  # fmt: skip
    """Return the layer, what to pin for it, and why no oracle can answer, if none can.

    Raises
    ------
    CannotInfer
        If what it is not told differs from case to case, and it does not draw it itself.
    """
    if point.pinnable(spec, {**unknown, **pins}):
        return layer, dict(unknown), ""
    told = {key: value for key, value in unknown.items() if point.pinnable(spec, {key: value})}
    differs = _differing(spec, {**told, **pins}, set(unknown) - set(told), probe)
    if not differs:
        return layer, told, ""
    if not _draws(layer, probe):
        raise CannotInfer(
            f"{layer.name} is not told the {differs} of a case, and draws no random numbers of "
            f"its own: name an argument {differs}, or hand over an adapter"
        )
    held = {**{k: v for k, v in probe.config.items() if point.pinnable(spec, {k: v})}, **WIDEST}
    held.update({k: probe.config[k] for k in known if k in held})
    why = f"the layer draws its {differs} itself"
    return replace(layer, layout="NCHW"), {k: v for k, v in held.items() if k not in pins}, why


def tuned(
    layer: Conventional, spec: Spec, oracle: Any, unknown: Mapping[str, Any],
    pins: Mapping[str, Any], probe: Probe,
) -> dict[str, float]:  # fmt: skip
    """Return the value of a constant that a layer has built in, where it is not the usual one.

    At the value that it names itself, or at a usual one, its output is the oracle's.
    """
    best, least = dict[str, float](), _far(layer, probe)
    kept = {k: v for k, v in unknown.items() if point.pinnable(spec, {k: v})} | dict(pins)
    x = probe.inputs["x"]
    if x is not None and point.pinnable(spec, {"axes": 0}):
        kept["axes"] = x.ndim - 2
    for key, value in product(CONSTANTS, _values(layer)):
        told = {key: value}
        if least < TOLD**2 or key not in unknown or key in pins:
            continue  # what is left is rounding
        if not point.pinnable(spec, told):
            continue
        with suppress(ValueError):
            far = _far(layer, point.draw(spec, oracle, {**kept, **told}))
            best, least = (told, far) if far < min(least, TOLD) else (best, least)
    return best


def near(layer: Conventional, probe: Probe) -> bool:
    """Tell whether a layer's output is the oracle's at a point."""
    return _far(layer, probe) < TOLD


def _far(layer: Conventional, probe: Probe) -> float:
    try:
        return miss(layer, probe) / max(float(np.max(np.abs(probe.output))), 1.0)
    except Exception:  # it does not run there
        return np.inf


def _values(layer: Conventional) -> list[float]:
    """Return the constants that a layer's code holds, then the usual ones."""
    inner: Any = layer.layer
    about = inner.make.make if hasattr(inner, "make") else inner.forward.forward
    kind = about if isinstance(about, type) else type(about)
    held = [*vars(kind).values(), *(getattr(about, name, None) for name in (*FORWARD, *FUNCTION))]
    codes = [getattr(f, "__code__", None) for f in (about, *held)]
    named = [c for code in codes if code for c in code.co_consts]
    named += [d for f in (about, *held) for d in getattr(f, "__defaults__", None) or ()]
    floats = [float(c) for c in named if isinstance(c, (int, float)) and not isinstance(c, bool)]
    return [*dict.fromkeys(c for c in (*floats, *USUAL) if 0 < c < 2)]


def _differing(spec: Spec, pins: Mapping[str, Any], keys: set[str], probe: Probe) -> str:
    cases = point.drawn(spec, pins)
    return next(
        (key for key in sorted(keys) if any(c.config[key] != probe.config[key] for c in cases)), ""
    )


def _draws(layer: Conventional, probe: Probe) -> bool:
    """Tell whether a layer draws from the global generators."""
    with found.but_path():
        found.seed()
        before = _state()
        miss(layer, probe)
        return _state() != before


def _state() -> tuple[Any, ...]:
    numpys = np.random.get_state(legacy=False)["state"]
    return random.getstate(), numpys["pos"], numpys["key"].tobytes()
