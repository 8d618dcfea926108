"""Where backward and autograd disagree in float64, differences of the forward decide."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradcheck
from gradcheck import Verdict, adapt


def sine(error: float) -> Any:
    """Return a sine whose derivative is off by a relative error."""
    return adapt.functional(
        lambda x: (np.sin(x), x), lambda dy, x: dy * np.cos(x) * (1 + error), inputs=("x",)
    )


def judged(layer: Any, oracle: Any) -> Any:
    return gradcheck.check(layer, against=oracle, x=np.linspace(0.1, 1.2, 6))


def test_an_oracle_whose_gradient_is_wrong_fails_no_right_one() -> None:
    report = judged(sine(0.0), sine(1e-6))
    assert report.verdict is not Verdict.FAIL
    assert any("autograd" in str(note) for note in report.notes)


def test_a_wrong_gradient_fails_beside_a_right_oracle() -> None:
    assert judged(sine(1e-6), sine(0.0)).verdict is Verdict.FAIL


def test_both_wrong_alike_is_no_pass() -> None:
    assert judged(sine(1e-6), sine(1e-6)).verdict is Verdict.INCONCLUSIVE
