"""Who fools the engine? Wrong backwards written by a machine, one slip each, and what survives.

python benchmarks/fooled.py [--all] [--verbose] [--seed SEED] [LAYER...]

The source of what a layer's backward calls is changed in every way that `_mutation` knows, and its
gradients are spoilt in every way below. A mutant that answers like the right backward, to the last
bit and at every point that was tried, is equivalent: there is nothing to find. The others are shown
to the engine, with the cases and checks of `gradcheck run`. One that passes has either a valid
convention of its own on a kink, which the report names, or rounds otherwise; else it is a survivor,
and is listed with how far off it is, in epsilons of the gradient's largest entry. Without ``--all``
a sample of the mutants is taken; ``--verbose`` lists all but those that are caught or raise.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any
from zlib import crc32

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
from _mutation import Mutant, mutants

from gradcheck import registry
from gradcheck.case import Case
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.finding import Note
from gradcheck.generation import sweep
from gradcheck.profiles import PROFILES
from gradcheck.spec import Contradiction, Spec
from gradcheck.trial import Trial
from gradcheck.verdict import Verdict

EXAMPLES = 200
"""Cases of a layer, as many as `gradcheck run` takes."""

SAMPLE = 5
"""Mutants of a layer, without ``--all``."""

ROUNDING = 64
"""Epsilons of the largest entry that sums may lose when they are added in another order."""

PATIENCE = 20
"""Seconds of computing after which a mutant is taken to hang."""

Gradients = Mapping[str, Any]
Spoil = Callable[[Any], Any]

SPOILS: dict[str, Spoil] = {
    "sign": np.negative,
    "magnitude": np.abs,
    "one part in a million": lambda g: g * g.dtype.type(1 + 1e-6),
    "float32": lambda g: g.astype("f4").astype(g.dtype),
    "float16": lambda g: g.astype("f2").astype(g.dtype),
    "truncated": np.trunc,
    "rounded to six digits": lambda g: np.round(g, 6),
    "clipped to 1": lambda g: np.clip(g, -1, 1),
    "last entry left out": lambda g: _put(g, -1, lambda v: 0 * v),
    "first entry twice": lambda g: _put(g, 0, lambda v: 2 * v),
    "first row left out": lambda g: np.concatenate([0 * g[:1], g[1:]]),
    "reversed": lambda g: np.ascontiguousarray(g[..., ::-1]),
    "shifted": lambda g: np.roll(g, 1, axis=-1),
    "mean taken off": lambda g: g - g.mean(dtype=g.dtype) if g.size else g,
    "averaged over the batch": lambda g: g / g.dtype.type(max(len(g), 1)),
    "small ones dropped": lambda g: np.where(abs(g) < 1e-6, 0, g).astype(g.dtype),
    "nothing": np.zeros_like,
    "the largest entry alone": lambda g: np.where(abs(g) == abs(g).max(initial=0), g, 0),
    "a constant added": lambda g: g + g.dtype.type(1e-7),
    "NaN where it is large": lambda g: np.where(abs(g) > 3, np.nan, g).astype(g.dtype),
}


def _put(gradient: Any, place: int, change: Spoil) -> Any:
    gradient = gradient.copy()
    if gradient.size:
        gradient.flat[place] = change(gradient.flat[place])
    return gradient


@dataclass(frozen=True)
class Wrong:
    """A layer with its own forward and a spoilt backward."""

    layer: Any
    how: str
    function: Any = None
    code: CodeType | None = None
    name: str = ""
    spoil: Spoil | None = None
    upstream: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        inputs: tuple[str, ...] = self.layer.inputs
        return inputs

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        return _Configured(self, self.layer(config))


@dataclass(frozen=True)
class _Configured:
    wrong: Wrong
    configured: Any

    def pull(self, **inputs: Any) -> tuple[Any, Callable[[Any], Gradients]]:
        y, pullback = self.configured.pull(**inputs)
        return y, lambda u: self._spoilt(pullback, u)

    def _spoilt(self, pullback: Callable[[Any], Gradients], u: Any) -> Gradients:
        wrong = self.wrong
        if wrong.code is not None:
            right, wrong.function.__code__ = wrong.function.__code__, wrong.code
            try:
                return pullback(u)
            finally:
                wrong.function.__code__ = right
        assert wrong.spoil is not None
        if wrong.upstream:
            return pullback(wrong.spoil(u))
        return {
            n: wrong.spoil(g) if n == wrong.name and g is not None else g
            for n, g in pullback(u).items()
        }


def cases_of(spec: Spec) -> list[Case]:
    """Return the cases that a run draws."""
    strategies = []
    for target in ("any", *(c.name for c in spec.classes)):
        try:
            strategies.append((target, spec.cases(target, {})))
        except Contradiction:
            continue
    drawn: list[Case] = []
    for turn, (target, strategy) in enumerate(strategies):
        share = max((EXAMPLES - len(drawn)) // (len(strategies) - turn), 1)
        outcomes, _ = sweep(
            strategy, lambda case: Outcome(case=case, verdict=Verdict.PASS),
            examples=share, seed=crc32(f"0 {target}".encode()), profile=PROFILES["default"],
        )  # fmt: skip
        drawn += [outcome.case for outcome in outcomes]
    return drawn


def called(layer: Any, spec: Spec, cases: list[Case]) -> Iterator[tuple[Any, CodeType]]:
    """Yield the functions of this project that a backward calls, with their code."""
    seen: dict[CodeType, None] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            seen[frame.f_code] = None

    for case in cases[:: max(len(cases) // 25, 1)]:
        trial = Trial(layer, case, spec=spec)
        _, pullback = trial.pull(trial.point.inputs)
        sys.setprofile(note)
        try:
            pullback(trial.cotangent)
        finally:
            sys.setprofile(None)
    functions = dict(_functions())
    for code in seen:
        if code in functions and "_checks" not in code.co_filename:
            yield functions[code], code


def _functions() -> Iterator[tuple[CodeType, Any]]:
    for name, module in list(sys.modules.items()):
        if name.startswith("gradcheck.reference"):
            for thing in vars(module).values():
                members = vars(thing).values() if isinstance(thing, type) else [thing]
                for member in members:
                    function = getattr(member, "fget", getattr(member, "func", member))
                    if isinstance(getattr(function, "__code__", None), CodeType):
                        yield function.__code__, function


def points(trial: Trial) -> Iterator[tuple[Any, Any]]:
    """Yield inputs and cotangents: the case's, of other sizes, and small integers full of ties."""
    rng, u = trial.rng("fooled"), trial.cotangent
    for octaves in (0, -40, 40) if trial.case.dtype == "float64" else (0, -20, 20):
        yield trial.point.inputs, np.ldexp(u, octaves)
    small = {
        n: None if a is None else rng.integers(-2, 2, a.shape).astype(a.dtype)
        for n, a in trial.point.inputs.items()
    }
    yield small, rng.integers(-3, 4, u.shape).astype(u.dtype)


def answers(layer: Any, spec: Spec, cases: list[Case]) -> Iterator[Gradients]:
    for case in cases:
        trial = Trial(layer, case, spec=spec)
        for inputs, u in points(trial):
            with np.errstate(all="ignore"):
                yield trial.pull(inputs)[1](u)


def apart(right: list[Gradients], wrong: Iterator[Gradients]) -> Iterator[float]:
    """Yield how far two backwards are apart at each point, in epsilons of the largest entry."""
    for a, b in zip(right, wrong, strict=True):
        for name, gradient in a.items():
            if np.array_equal(gradient, b[name], equal_nan=True):
                yield 0.0
                continue
            with np.errstate(all="ignore"):
                gap = np.max(np.abs(gradient.astype(float) - b[name]), initial=0.0)
                size = np.max(np.abs(gradient), initial=0.0)
                unit = size * np.finfo(gradient.dtype).eps
                yield float(gap / unit) if unit and np.isfinite(gap) else np.inf


def judged(wrong: Wrong, spec: Spec, cases: list[Case], right: list[Gradients]) -> tuple[str, Any]:
    """Return what became of a mutant, and by how much it is wrong or what found it."""
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        gap = max(apart(right, answers(wrong, spec, cases)), default=0.0)
        if gap == 0.0:
            return "equivalent", ()
    except TimeoutError:
        return "hangs", ""
    except Exception:  # a mutant may raise what it likes: the engine is to report it
        gap = np.inf
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    subject = Subject(layer=wrong, spec=spec, oracle=spec.oracle)
    said = Counter[str]()
    for case in cases:
        outcome = examine(subject, case)
        if outcome.verdict is Verdict.FAIL:
            assert outcome.failure is not None
            return "caught", outcome.failure.check
        if outcome.verdict is Verdict.ERROR:
            return "raises", ""
        said[outcome.verdict.value] += 1
        said.update({note.message: 1 for note in outcome.notes if _is_convention(note)})
    if said["INCONCLUSIVE"]:
        return "inconclusive", (gap, said)
    if len(said) > 1:
        return "valid convention", (gap, said)
    return ("rounds otherwise" if gap <= ROUNDING else "survived"), (gap, said)


def _is_convention(note: Note) -> bool:
    """Tell the notes on what a backward does on a kink or at a tie."""
    return "convention" in note.name + note.message or note.name.startswith("derivative at")


def all_of(layer: Any, spec: Spec, cases: list[Case]) -> list[Wrong]:
    found: list[Wrong] = []
    for function, code in called(layer, spec, cases):
        made: Mutant
        for made in mutants(code):
            found.append(Wrong(layer, f"{made.function}, {made.slip}", function, made.code))
    for how, spoil in SPOILS.items():
        found.append(Wrong(layer, f"the cotangent: {how}", spoil=spoil, upstream=True))
        for wrt in layer.inputs:
            found.append(Wrong(layer, f"the gradient for {wrt}: {how}", name=wrt, spoil=spoil))
    return found


def _hangs(*_: Any) -> None:
    raise TimeoutError


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the mutants that fool the engine.")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("layers", nargs="*")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGVTALRM, _hangs)
    total, checks, start = Counter[str](), Counter[str](), time.perf_counter()
    for entry in registry.entries("layers"):
        if asked.layers and entry.name not in asked.layers:
            continue
        layer, kind, _ = registry.load_layer(entry.name)
        spec = registry.load_spec(kind)
        cases = cases_of(spec)
        made = all_of(layer, spec, cases)
        if not asked.all:
            rng = random.Random(f"{asked.seed} {entry.name}")
            made = rng.sample(made, min(SAMPLE, len(made)))
        right, counts = list(answers(layer, spec, cases)), Counter[str]()
        for wrong in made:
            fate, why = judged(wrong, spec, cases, right)
            counts[fate] += 1
            if fate == "caught":
                checks[why] += 1
            elif fate != "raises" and (asked.verbose or fate in ("survived", "inconclusive")):
                print(f"  {fate}: {entry.name}, {wrong.how}")
                if why:
                    print(f"    apart by {why[0]:.2g} epsilons; {dict(why[1])}")
        total.update(counts)
        print(f"{entry.name}: {len(made)} mutants, {dict(counts)}", flush=True)
    seconds = time.perf_counter() - start
    print(f"all: {total.total()} mutants, {dict(total)}, in {seconds:.0f} s")
    print(f"caught by: {dict(checks.most_common())}")


if __name__ == "__main__":
    main()
