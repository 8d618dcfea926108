"""What a broken layer gets to hear: a verdict and a sentence with its reason, no traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt

Array = np.ndarray[Any, Any]


def forward(x: Array) -> tuple[Array, Array]:
    return np.maximum(x, 0), x


def backward(dy: Array, x: Array) -> Array:
    return dy * (x > 0)


def raising(*_: Any) -> Any:
    raise RuntimeError("boom")


FORWARDS: dict[str, tuple[Callable[..., Any], Verdict, str]] = {
    "raises": (raising, Verdict.ERROR, "forward raised RuntimeError: boom"),
    "NaN": (lambda x: (x * np.nan, x), Verdict.FAIL, "output.* is nan"),
    "shape": (lambda x: (forward(x)[0][..., None], x), Verdict.FAIL, "has shape .*expected"),
    "dtype": (lambda x: (x.astype(int), x), Verdict.FAIL, "has dtype int64"),
    "None": (lambda x: (None, x), Verdict.FAIL, "is None; expected an array"),
    "no cache": (lambda x: x, Verdict.FAIL, r"expected a pair \(y, cache\)"),
}

BACKWARDS: dict[str, tuple[Callable[..., Any], Verdict, str]] = {
    "raises": (raising, Verdict.ERROR, "backward raised RuntimeError: boom"),
    "NaN": (lambda dy, x: dy * np.nan, Verdict.FAIL, "gradient for x.* is nan"),
    "shape": (lambda dy, x: dy[..., None], Verdict.FAIL, "has shape .*expected"),
    "dtype": (lambda dy, x: x > 0, Verdict.FAIL, "has dtype bool"),
    "None": (lambda dy, x: None, Verdict.FAIL, "gradient for x is None"),
    "two": (lambda dy, x: (dy, dy), Verdict.FAIL, "returned 2 gradients"),
    "unknown": (lambda dy, x: {"w": dy}, Verdict.FAIL, "a gradient for 'w'"),
    "a number": (lambda dy, x: 1.5, Verdict.FAIL, "is a float, 1.5"),
}


def report_of(first: Callable[..., Any], second: Callable[..., Any]) -> gradcheck.LayerReport:
    return gradcheck.check_layer("relu", adapt.functional(first, second, inputs=("x",)), examples=8)


def assert_explained(report: gradcheck.LayerReport, verdict: Verdict, words: str) -> None:
    assert report.verdict is verdict
    with pytest.raises(gradcheck.VerdictError, match=words):
        report.raise_for_verdict()
    told = report.failures or report.crashes
    assert "gradcheck.check_layer('relu', layer" in told[0].reproduce
    assert report.not_checked


@pytest.mark.parametrize("name", FORWARDS)
def test_a_broken_forward_is_explained(name: str) -> None:
    broken, verdict, words = FORWARDS[name]
    assert_explained(report_of(broken, backward), verdict, words)


@pytest.mark.parametrize("name", BACKWARDS)
def test_a_broken_backward_is_explained(name: str) -> None:
    broken, verdict, words = BACKWARDS[name]
    assert_explained(report_of(forward, broken), verdict, words)


def test_the_unbroken_layer_passes() -> None:
    assert gradcheck.check_layer("relu", adapt.functional(forward, backward)).passed


def test_without_torch_the_column_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    report = gradcheck.check_layer("relu", adapt.functional(forward, backward))
    assert report.passed
    assert any("torch" in line for line in report.not_checked)
    assert any("a wrong forward that its backward matches" in line for line in report.not_checked)
    assert not any("autograd" in c.column for c in report.comparisons)
