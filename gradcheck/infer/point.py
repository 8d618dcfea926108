"""Point: where conventions differ: square settings, extents apart, a batch of more than one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._settings import NEUTRAL
from gradcheck.engine import Outcome
from gradcheck.generation import sweep
from gradcheck.infer.narrow import Narrow
from gradcheck.infer.probe import Probe
from gradcheck.points import draw_point
from gradcheck.profiles import PROFILES
from gradcheck.spec import Contradiction, Multilinear
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.spec import Spec

CASES = 60
"""Cases drawn to choose the point from."""

APART = ("C_in != C_out", "in < out")
"""Classes in which the axes of a kernel can be told apart."""


_DRAWN: dict[Any, tuple[Spec, list[Case]]] = {}
"""Cases drawn before; the spec is kept with them, so that its id stays its own."""


def facts(spec: Spec) -> set[str]:
    """Return the names of the facts of a case, which can be pinned."""
    return set(drawn(spec, {}, 1)[0].facts)


def pinnable(spec: Spec, pins: Mapping[str, Any]) -> bool:
    """Tell whether a spec knows these pins, whether or not it has a case of them."""
    try:
        spec.cases("any", pins)
    except Contradiction:
        return True
    except ValueError:
        return False
    return True


def points(spec: Spec, oracle: Any, fixed: Mapping[str, Any]) -> Iterator[Probe]:
    """Yield points to tell conventions by: first of the full contract, then of narrower ones."""
    yield draw(spec, oracle, fixed)
    names = {c.name for c in spec.classes}
    if pinnable(spec, {"axes": 0}):  # of vectors, of images, of sequences: often a layer each
        for axes in (0, 2, 1):
            yield draw(spec, oracle, {"axes": axes, **fixed})
    if "kh != kw" not in names:
        return
    if "stride < kernel" in names and "bias" not in spec.optional and "stride" not in fixed:
        for window in ((2, 2), (3, 3)):  # windows of a pool stand side by side, unless said
            stand = {"kernel_size": window, "stride": window}
            with suppress(Contradiction):
                yield draw(spec, oracle, {**stand, **fixed})
    for channels, bias in product((0, 1), (True, False)):
        pins = {"bias": bias} if "bias" in spec.optional else {}
        for window in ((3, 3), (2, 2)):
            narrow = Narrow(oracle=oracle, window=window, channels=channels)
            yield draw(spec, oracle, {**pins, **fixed}, narrow=narrow)


def draw(
    spec: Spec, oracle: Any, fixed: Mapping[str, Any], *, wish: str = "square",
    narrow: Callable[[Case], Case | None] | None = None,
) -> Probe:  # fmt: skip
    """Draw a point at which conventions differ, and ask the oracle there.

    Parameters
    ----------
    spec : Spec
        Draws the cases.
    oracle : Oracle or Layer
        Says what is right.
    fixed : Mapping
        Facts that are pinned.
    wish : str
        ``"square"`` for neutral settings and extents apart, ``"rectangular"`` for settings and
        kernels that differ along the axes, ``"inexact"`` for strides that do not divide,
        ``"apart"`` for channels that are told from the last axis.
    narrow : Narrow, optional
        Brings each case into the part of the contract that a layer knows.

    Raises
    ------
    ValueError
        If the spec has no case of these facts.
    """
    neutral = _neutral(spec, fixed) if wish == "square" else {}
    cases = drawn(spec, {**neutral, "dtype": "float64", **fixed}, wish=wish)
    brought = [narrow(case) for case in cases] if narrow else cases
    held = [case for case in brought if case is not None]
    case = max(held, key=WISHES[wish])
    rng = np.random.default_rng(0)
    inputs = draw_point(spec, case, rng).inputs
    if isinstance(spec.form, Multilinear):
        inputs = {n: None if a is None else _integers(a, rng) for n, a in inputs.items()}
    output, pullback = oracle(case.config).pull(**inputs)
    cotangent = rng.integers(1, 9, output.shape) * rng.choice([-1.0, 1.0], output.shape)
    return Probe(
        config=case.config, inputs=inputs, cotangent=cotangent, output=output,
        gradients=pullback(cotangent), case=case,
    )  # fmt: skip


def _neutral(spec: Spec, fixed: Mapping[str, Any]) -> dict[str, Any]:
    keys = set(dict(drawn(spec, fixed, 1)[0].config)) & set(NEUTRAL)
    biased = {"bias": True} if "bias" in spec.optional else {}
    return {**{key: NEUTRAL[key] for key in keys}, **biased}


def drawn(
    spec: Spec, pins: Mapping[str, Any], examples: int = CASES, *, wish: str = "square"
) -> list[Case]:
    """Draw cases to choose a point from; the same ones again cost nothing."""
    wanted = ("inexact floor",) if wish == "inexact" else APART
    target = next((c.name for c in spec.classes if c.name in wanted), "any")
    key = (id(spec), target, repr(sorted(pins.items())), examples)
    if key not in _DRAWN:
        outcomes, _ = sweep(
            spec.cases(target, pins), lambda case: Outcome(case=case, verdict=Verdict.PASS),
            examples=examples, seed=0, profile=PROFILES["default"],
        )  # fmt: skip
        _DRAWN[key] = spec, [outcome.case for outcome in outcomes]
    return _DRAWN[key][1]


def _integers(array: Any, rng: np.random.Generator) -> Any:
    """Draw integers, each of its own magnitude, so that a maximum is one entry's."""
    sizes = 1.0 + rng.permutation(array.size).reshape(array.shape)
    return sizes * rng.choice([-1.0, 1.0], array.shape)


def _square(case: Case) -> tuple[bool | int, ...]:
    weight, x = case.shapes.get("weight") or (), case.shape("x")
    window = tuple(weight[2:]) or _pair(case.config.get("kernel_size", ()))
    square = len(set(window)) <= 1
    apart = {extent for extent in (*x, *weight[:2]) if extent > 1}
    wide = min((*x, *weight[:2]), default=1) > 1
    pixels = min((case.shapes.get("output") or (2, 2))[2:] or (2,)) if len(x) > 2 else 2
    told = len({*weight[:2], *weight[2:3]}) == len(weight[:3])
    return (
        x[0] > 1,
        square and pixels > 1,
        wide,
        max(window, default=2) > 1,
        told,
        x[0] % 2 == 0,  # some layers take no odd batches
        len(apart),
        -case.size,
    )


def _rectangular(case: Case) -> tuple[int, int]:
    weight = case.shapes.get("weight") or ()
    pairs = [weight[2:], *(case.config.get(key, ()) for key in (*NEUTRAL, "kernel_size"))]
    return sum(len(set(_pair(pair))) > 1 for pair in pairs), -case.size


def _inexact(case: Case) -> tuple[int, int]:
    left = [
        (case.shape("x")[axis + 2] + 2 * p - d * (k - 1) - 1) % s
        for axis, (p, d, k, s) in enumerate(zip(*_windows(case), strict=True))
    ]
    return sum(map(bool, left)), -case.size


def _apart(case: Case) -> tuple[bool, bool, int]:
    """Order cases by whether the channels can be told from the last axis."""
    x = case.shape("x")
    return x[1] > 1, x[-1] != x[1] or len(x) == 2, -case.size


def _windows(case: Case) -> list[tuple[int, ...]]:
    window = (case.shapes.get("weight") or ())[2:] or _pair(case.config.get("kernel_size", ()))
    keys = (("padding", 0), ("dilation", 1))
    found = [_pair(case.config.get(key, usual)) for key, usual in (*keys, ("stride", 1))]
    padding, dilation, stride = (f * len(window) if len(f) == 1 else f for f in found)
    return [padding, dilation, window, stride]


def _pair(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


WISHES = {"square": _square, "rectangular": _rectangular, "inexact": _inexact, "apart": _apart}
