"""Attacks over the kinds of layers: each finds its error in a convolution, a pool, a loss, ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

from gradcheck.case import Case
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.generation import sweep
from gradcheck.layer import Array
from gradcheck.profiles import PROFILES
from gradcheck.registry import load_layer, load_spec
from gradcheck.verdict import Verdict

KINDS = ["conv2d", "max_pool2d", "avg_pool2d", "relu", "sigmoid", "linear", "mse_loss"]

FIXED = {"mse_loss": {"reduction": "none"}}

Inputs = dict[str, Any]
Pull = Callable[[Inputs], tuple[Array, Callable[[Array], Inputs]]]


@dataclass
class Faulty:
    """A right layer with an error in how it treats memory, types or odd numbers."""

    inner: Any
    fault: Callable[[Pull, dict[str, Any]], Pull]
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        inputs: tuple[str, ...] = self.inner.inputs
        return inputs

    name = "faulty"

    def __call__(self, config: Mapping[str, Any], /) -> Any:
        return Configured(self.fault(lambda inputs: self.inner(config).pull(**inputs), self.kept))


@dataclass
class Configured:
    faulty: Pull

    def pull(self, **inputs: Any) -> tuple[Array, Callable[[Array], Inputs]]:
        return self.faulty(inputs)


def before(change: Callable[[Inputs], Inputs | None]) -> Any:
    """Return what happens to inputs before a right forward."""
    return lambda pull, _: lambda inputs: pull(change(inputs) or inputs)


def after(change: Callable[[Inputs, Array], Inputs]) -> Any:
    """Return what happens to a right backward's gradients."""

    def fault(pull: Pull, _: Any) -> Pull:
        def pulled(inputs: Inputs) -> Any:
            y, back = pull(inputs)
            return y, lambda u: change(dict(back(u)), u)

        return pulled

    return fault


def on_x(change: Callable[[Array], Array]) -> Any:
    return after(lambda g, _: {**g, "x": change(g["x"])})


def writes_to_x(pull: Pull, _: Any) -> Pull:
    def pulled(inputs: Inputs) -> Any:
        own = {n: None if a is None else a.copy() for n, a in inputs.items()}
        if inputs["x"].flags.writeable and inputs["x"].dtype.kind == "f":
            inputs["x"][...] *= 2
        return pull(own)

    return pulled


def writes_to_the_cotangent(gradients: Inputs, u: Array) -> Inputs:
    if u.flags.writeable:
        u[...] *= 2
    return gradients


def counts_its_calls(pull: Pull, _: Any) -> Pull:
    def pulled(inputs: Inputs) -> Any:
        (y, back), calls = pull(inputs), []

        def pullback(u: Array) -> Inputs:
            calls.append(1)
            return {n: g if g is None else g * g.dtype.type(len(calls)) for n, g in back(u).items()}

        return y, pullback

    return pulled


def keeps_one_cache(pull: Pull, kept: dict[str, Any]) -> Pull:
    def pulled(inputs: Inputs) -> Any:
        y, kept["back"] = pull(inputs)
        kept.setdefault("first", kept["back"])
        return y, lambda u: kept["back"](u)

    return pulled


def keeps_its_gradients(pull: Pull, _: Any) -> Pull:
    def pulled(inputs: Inputs) -> Any:
        (y, back), made = pull(inputs), {}

        def pullback(u: Array) -> Inputs:
            key = u.tobytes()
            if key not in made:
                made[key] = dict(back(u))
            return made[key]

        return y, pullback

    return pulled


def warns(inputs: Inputs) -> None:
    np.log(np.zeros(1))


def refuses_nothing(inputs: Inputs) -> None:
    if not len(inputs["x"]):
        raise ValueError("no samples")


def misread(x: Array) -> Array:
    """Return other numbers for an array that does not lie plainly in memory."""
    return x if x.flags.c_contiguous else np.flip(x).copy()


def overflowing(x: Array) -> Array:
    with np.errstate(all="ignore"):
        return x * 1e200 / 1e200


FAULTS: dict[str, tuple[Any, str]] = {
    "writes to x": (writes_to_x, "writes to x"),
    "writes to the cotangent": (
        after(writes_to_the_cotangent), "writes to the upstream gradient"
    ),
    "counts its calls": (counts_its_calls, "called twice"),
    "keeps one cache": (keeps_one_cache, "keep it in the cache that forward returns"),
    "keeps its gradients": (keeps_its_gradients, "shares memory with what the forward kept"),
    "another dtype": (on_x(lambda g: g.astype("f4" if g.dtype == "f8" else "f8")), "is float32"),
    "NaN": (on_x(lambda g: np.where(g == g.ravel()[0], np.nan, g)), "where a number is due"),
    "a gradient that is the input": (
        lambda pull, _: lambda inputs: (
            pull(inputs)[0], lambda u: {**pull(inputs)[1](u), "x": np.asarray(inputs["x"])}
        ), "shares memory with x",
    ),
    "memory order": (
        before(lambda i: {**i, "x": misread(i["x"])}), "laid out otherwise in memory"
    ),
    "stride 0 for one number": (
        after(lambda g, u: {**g, "x": g["x"] * (0 not in u.strides or u.size == 1)}), "stride 0"
    ),
    "a warning": (before(warns), "a warning escapes"),
    "no empty batch": (before(refuses_nothing), "a batch without samples"),
    "integers": (
        lambda pull, _: lambda inputs: (
            pull({n: a if a is None else a.astype(float) for n, a in inputs.items()})
            if inputs["x"].dtype.kind != "i"
            else _as_integers(pull, inputs)
        ), "integer inputs are taken",
    ),
    "NaN swept away": (
        before(lambda i: {**i, "x": np.where(np.isnan(i["x"]), 0, i["x"])}), "nan in x comes out"
    ),
    "overflow on the way": (
        before(lambda i: {**i, "x": overflowing(i["x"])}), "huge numbers in x"
    ),
}  # fmt: skip
"""What is wrong, and the words in which it is told."""

ELSEWHERE = {
    ("avg_pool2d", "keeps one cache"),
    ("sigmoid", "overflow on the way"),
    ("mse_loss", "no empty batch"),
}
"""A mean's backward needs no cache, a sigmoid is 1 at infinity, a loss may be one of the batch."""


GAPS = ("stride > kernel", "inexact floor", "dilation > 1")
"""Classes in which an entry may stand that no window reads."""


def _as_integers(pull: Pull, inputs: Inputs) -> Any:
    y, back = pull({n: a if a is None else a.astype(float) for n, a in inputs.items()})
    return y, lambda u: {n: g if g is None else g.astype(int) for n, g in back(u).items()}


@cache
def case_of(kind: str) -> Case:
    """Return the first case with some samples, some entries, all of them read, and float64."""
    found: list[Case] = []
    gaps = [c.holds for c in load_spec(kind).classes if c.name in GAPS]

    def note(case: Case) -> Outcome:
        shape, read = case.shape("x"), not any(holds(case) for holds in gaps)
        if len(shape) > 1 and min(shape[0], *shape[-2:]) > 1 and case.data == "plain" and read:
            found.append(case)
        return Outcome(case=case, verdict=Verdict.PASS)

    strategy = load_spec(kind).cases("float64", FIXED.get(kind, {}))
    sweep(strategy, note, examples=200, seed=3, profile=PROFILES["default"])
    return found[0]


def attacked(kind: str, layer: Any) -> Outcome:
    spec = load_spec(kind)
    subject = Subject(
        layer=layer, spec=spec, oracle=spec.oracle, strict=True, checks=("contract", "extremes")
    )
    return examine(subject, case_of(kind), thorough=True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_layer_stands_every_attack(kind: str) -> None:
    found = attacked(kind, load_layer(kind)[0])
    assert found.verdict is Verdict.PASS, found.failure or found.doubts


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_attack_finds_its_error_in_every_kind_of_layer(kind: str, fault: str) -> None:
    make, words = FAULTS[fault]
    found = attacked(kind, Faulty(load_layer(kind)[0], make))
    if (kind, fault) in ELSEWHERE:
        assert found.failure is None
        return
    assert found.failure is not None, found.doubts
    assert words in found.failure.message
