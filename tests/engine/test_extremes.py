"""Extremes: each attack finds what it is there for, and lets the layers of this project pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradcheck.reference import conv2d, linear, sigmoid, tanh

from gradcheck import Verdict, adapt, turns
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.registry import load_spec

Array = np.ndarray[Any, Any]
SHAPES = {"x": (3, 4), "output": (3, 4)}
LINEAR = {"x": (3, 5), "weight": (4, 5), "bias": (4,), "output": (3, 4)}
STRIDES = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 1), "groups": 1}
CONV = {"x": (2, 2, 5, 4), "weight": (3, 2, 3, 2), "bias": (3,), "output": (2, 3, 3, 3)}


@pytest.fixture(autouse=True)
def _every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "EVERY", 1)


def look(
    kind: str, forward: Any, backward: Any, shapes: Any = SHAPES, config: Any = (), **how: Any
) -> Outcome:
    spec = load_spec(kind)
    layer = adapt.functional(forward, backward, inputs=spec.inputs, name=kind)
    subject = Subject(layer=layer, spec=spec, oracle=spec.oracle, checks=("extremes",), **how)
    case = Case(config=Config(dict(config)), shapes=shapes)
    return examine(subject, case)


def notes(outcome: Outcome) -> set[str]:
    return {note.name for note in outcome.notes}


def test_the_layers_of_this_project_pass() -> None:
    for module, name, shapes, config in (
        (sigmoid, "sigmoid", SHAPES, {}),
        (tanh, "tanh", SHAPES, {}),
        (linear, "linear", LINEAR, {}),
        (conv2d, "conv2d", CONV, STRIDES),
    ):  # fmt: skip
        module_: Any = module
        found = look(name, module_.forward, module_.backward, shapes, config, strict=True)
        assert found.verdict is Verdict.PASS, (name, found.failure)
        assert not found.notes


def test_a_batch_without_samples_that_is_refused() -> None:
    def forward(x: Array) -> Any:
        x.max()  # of nothing there is none
        return sigmoid.forward(x)

    assert notes(look("sigmoid", forward, sigmoid.backward)) == {"zero-size batch"}
    strict = look("sigmoid", forward, sigmoid.backward, strict=True)
    assert strict.verdict is Verdict.FAIL


def test_a_parameter_gradient_of_nothing_that_is_not_zero() -> None:
    def backward(dy: Array, cache: Any) -> Any:
        dx, dweight, dbias = linear.backward(dy, cache)
        assert dbias is not None
        return dx, dweight, dbias if len(dy) else dbias + 1

    assert "zero-size batch" in notes(look("linear", linear.forward, backward, LINEAR))


def test_integers_that_come_back_as_integers() -> None:
    def forward(x: Array) -> Any:
        return (x, x) if x.dtype.kind == "i" else sigmoid.forward(x)

    def backward(dy: Array, cache: Any) -> Any:
        integral = isinstance(cache, np.ndarray)
        return dy.astype(np.int64) if integral else sigmoid.backward(dy, cache)

    assert "integer input" in notes(look("sigmoid", forward, backward))


def test_nan_that_is_swept_under_the_carpet() -> None:
    def forward(x: Array) -> Any:
        y, cache = sigmoid.forward(x)
        return np.nan_to_num(y), cache

    assert notes(look("sigmoid", forward, sigmoid.backward)) == {"nan in the input"}


def naive(x: Array) -> tuple[Array, Array]:
    y = np.exp(x) / (1 + np.exp(x))
    return y, y


@pytest.mark.parametrize(
    ("kind", "forward", "said"),
    [
        ("sigmoid", naive, {"inf in the input", "warning", "huge numbers"}),
        ("tanh", lambda x: (np.tanh(x + 0 * (1 / x)), np.tanh(x)), {"warning", "tiny numbers"}),
    ],
)  # fmt: skip
def test_numbers_that_overflow_or_vanish_on_the_way(
    kind: str, forward: Callable[[Array], Any], said: set[str]
) -> None:
    found = look(
        kind, forward, lambda dy, y: dy * (y * (1 - y) if kind == "sigmoid" else 1 - y * y)
    )
    assert said <= notes(found)


def refusing(when: Callable[[Array], bool], kind: str) -> Outcome:
    """Look at a layer whose forward refuses some inputs."""
    module: Any = {"sigmoid": sigmoid, "tanh": tanh}[kind]

    def forward(x: Array) -> Any:
        if x.dtype.kind == "f" and when(x):
            raise ValueError("x is out of range")
        return module.forward(x)

    return look(kind, forward, module.backward)


@pytest.mark.parametrize("kind", ["sigmoid", "tanh"])
@pytest.mark.parametrize(
    ("when", "said"),
    [
        (lambda x: bool(np.isnan(x).any()), {"nan in the input"}),
        (lambda x: bool(np.isinf(x).any()), {"inf in the input", "-inf in the input"}),
        (lambda x: bool(np.any(abs(x) > 1e30) and np.isfinite(x).all()), {"huge numbers"}),
    ],
)
def test_numbers_that_are_refused_get_a_note(
    kind: str, when: Callable[[Array], bool], said: set[str]
) -> None:
    found = refusing(when, kind)
    assert found.verdict is Verdict.PASS
    assert said == notes(found)
