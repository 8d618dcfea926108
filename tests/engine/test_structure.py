"""Structure: what holds of every backward, whatever the layer computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradcheck.reference import linear

import gradcheck
from gradcheck import Verdict, adapt, turns
from gradcheck.case import Case
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.registry import load_spec

Array = np.ndarray[Any, Any]
SHAPES = {"x": (3, 5), "weight": (4, 5), "bias": (4,), "output": (3, 4)}
SMOOTH = {"x": (3, 5), "output": (3, 5)}


def changed(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return linear's backward with a change to ``(dx, dweight, dbias), dy``."""

    def backward(dy: Array, cache: Any) -> Any:
        dx, dweight, dbias = (np.array(g) for g in linear.backward(dy, cache))
        return change(dx, dweight, dbias, dy)

    return backward


def look(
    kind: str,
    forward: Any,
    backward: Any,
    shapes: Any = SHAPES,
    dtype: str = "float64",
    seed: int = 0,
) -> Outcome:
    spec = load_spec(kind)
    layer = adapt.functional(forward, backward, inputs=spec.inputs, name=kind)
    subject = Subject(layer=layer, spec=spec, checks=("structure",))
    return examine(subject, Case(shapes=shapes, dtype=dtype, seed=seed))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_correct_code_passes(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "EVERY", 1)
    assert look("linear", linear.forward, linear.backward, dtype=dtype).verdict is Verdict.PASS


WRONG: dict[str, tuple[Callable[..., Any], str, str]] = {
    "a constant added": (
        lambda dx, dw, db, dy: (dx + 1, dw, db),
        "x",
        "an all-zero cotangent gives a gradient for x that is not 0",
    ),
    "a constant on a parameter, as weight decay adds": (
        lambda dx, dw, db, dy: (dx, dw + 0.5, db),
        "weight",
        "an all-zero cotangent gives a gradient for weight",
    ),
    "a magnitude": (
        lambda dx, dw, db, dy: (dx, dw, np.abs(dy).sum(axis=0)),
        "bias",
        "the gradient for bias is not linear in the upstream gradient",
    ),
    "gradients that are clipped": (
        lambda dx, dw, db, dy: (np.clip(dx, -np.abs(dx).mean(), np.abs(dx).mean()), dw, db),
        "x",
        "the gradient for x is not linear in the upstream gradient",
    ),
    "small numbers that are dropped": (
        lambda dx, dw, db, dy: (np.where(abs(dx) < 1e-6, 0, dx).astype(dx.dtype), dw, db),
        "x",
        "does not make the gradient for x as many times as large",
    ),
    "large numbers that are clipped": (
        lambda dx, dw, db, dy: (dx, np.clip(dw, -1e17, 1e17), db),
        "weight",
        "does not make the gradient for weight as many times as large",
    ),
    "a gradient that is taken for an overflow": (
        lambda dx, dw, db, dy: (dx, dw, np.where(abs(db) > 2**45, np.nan, db).astype(db.dtype)),
        "bias",
        "does not make the gradient for bias as many times as large",
    ),
    "a mean over the batch": (
        lambda dx, dw, db, dy: (dx, dw / len(dy), db),
        "weight",
        "the gradient for weight is not the sum of what each sample gives alone",
    ),
    "a sample that leaks into the next": (
        lambda dx, dw, db, dy: (dx + np.roll(dx, 1, axis=0), dw, db),
        "x",
        "the gradient for x of a sample changes with the other samples of its batch",
    ),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_breaks_the_structure_fails(
    name: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "EVERY", 1)
    change, wrt, words = WRONG[name]
    failure = look("linear", linear.forward, changed(change), dtype=dtype).failure
    assert failure is not None
    assert (failure.check, failure.wrt) == ("structure", wrt)
    assert words in failure.message


def test_an_output_that_its_batch_changes_fails() -> None:
    def forward(x: Array) -> Any:
        centred = x - x.mean(axis=0)
        return np.tanh(centred), centred

    def backward(dy: Array, centred: Array) -> Array:
        inner = dy / np.cosh(centred) ** 2
        return np.asarray(inner - inner.mean(axis=0))

    failure = look("tanh", forward, backward, SMOOTH).failure
    assert failure is not None
    assert failure.wrt == "output"
    assert "the output of a sample changes with the other samples" in failure.message


@pytest.mark.parametrize(("off", "verdict"), [(0.0, Verdict.PASS), (1e-12, Verdict.FAIL)])
def test_a_sample_alone_may_round_otherwise_below_the_scale_of_its_layer(
    off: float, verdict: Verdict
) -> None:
    def backward(dy: Array, y: Array) -> Array:
        # A product of matrices takes one row by another kernel than many.
        return dy * (1 - (1 - y * y)) + off if len(dy) == 1 else dy * y * y

    def shrink(x: Array) -> Any:
        return x - np.tanh(x), np.tanh(x)

    outcomes = [look("tanhshrink", shrink, backward, SMOOTH, seed=seed) for seed in range(30)]
    verdicts = [outcome.verdict for outcome in outcomes]
    assert (Verdict.FAIL in verdicts) is (verdict is Verdict.FAIL)
    notes = {note.name for outcome in outcomes for note in outcome.notes}
    assert notes == ({"relative accuracy"} if verdict is Verdict.PASS else set())


def centred(x: Array) -> Any:
    """Return rows of mean 0 and variance 1: their gradients are as large as x is small."""
    apart = x - x.mean(-1, keepdims=True)
    inverse = 1 / np.sqrt((apart**2).mean(-1, keepdims=True))
    return apart * inverse, (apart * inverse, inverse)


def uncentred(dy: Array, cache: Any) -> Any:
    y, inverse = cache
    return inverse * (dy - dy.mean(-1, keepdims=True) - y * (dy * y).mean(-1, keepdims=True))


STEEP: dict[str, tuple[Any, Any, float]] = {
    "a fourth power": (lambda x: (x**4, x), lambda dy, x: 4 * x**3 * dy, 10.0),
    "a normalisation of small numbers": (centred, uncentred, 0.01),
}


@pytest.mark.parametrize("name", STEEP)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_steep_layer_that_nobody_described_rounds_at_its_own_size(name: str, dtype: str) -> None:
    forward, backward, size = STEEP[name]

    def bent(dy: Array, cache: Any) -> Any:
        return backward(dy, cache) + 0.05 * np.abs(backward(dy, cache))

    for seed in range(5):
        x = (size * np.random.default_rng(seed).normal(size=(6, 7))).astype(dtype)
        case = Case(shapes={"x": x.shape}, given={"x": x}, dtype=dtype, seed=seed)
        right, wrong = (
            examine(
                Subject(layer=adapt.functional(forward, b, ("x",)), checks=("structure",)), case
            )
            for b in (backward, bent)
        )
        assert right.failure is None
        assert wrong.failure is not None


WEIGHT = np.random.default_rng(0).normal(size=(12, 12))


def _told(backward: Callable[[Any, Any], Any], size: float) -> Any:
    """Check a layer of unit slope that sums what is larger by ``size``, and cancels."""
    large = size * WEIGHT
    layer = adapt.functional(
        lambda x: (x @ large - x @ (large - np.eye(12)), large), backward, inputs=("x",)
    )
    return gradcheck.check(layer, x=np.random.default_rng(1).normal(size=(3, 12)))


def test_digits_that_cancel_within_a_backward_are_no_want_of_linearity() -> None:
    for size in (10.0, 1e2, 1e3):
        report = _told(lambda dy, large: dy @ large.T - dy @ (large - np.eye(12)).T, size)
        assert not report.failures
        assert report.verdict is not Verdict.FAIL


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_coarse_buffer_is_not_linear(dtype: str) -> None:
    report = _told(lambda dy, _: dy.astype(dtype).astype(dy.dtype), 1.0)
    assert report.verdict is Verdict.FAIL
    assert any("not linear" in failure.message for failure in report.failures)
