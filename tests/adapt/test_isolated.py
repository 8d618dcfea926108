"""A layer in a process of its own: the same verdict, and what it breaks is its own."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt

X = np.random.default_rng(0).standard_normal((3, 4))


def square(x: Any) -> Any:
    return x * x, x


def judged(forward: Any, backward: Any = lambda dy, x: 2 * x * dy, **limits: Any) -> Any:
    layer = adapt.isolated(adapt.functional(forward, backward, ("x",)), **limits)
    try:
        return gradcheck.check(layer, x=X)
    finally:
        layer.stop()


def test_the_verdict_is_the_same() -> None:
    assert judged(square).verdict is Verdict.PASS
    assert judged(square, lambda dy, x: x * dy).verdict is Verdict.FAIL


def died(x: Any) -> Any:
    os.kill(os.getpid(), signal.SIGSEGV)


def looped(x: Any) -> Any:
    while True:
        time.sleep(1)


def greedy(x: Any) -> Any:
    return np.ones(300 * 2**27), x


@pytest.mark.parametrize(
    ("forward", "words"),
    [
        (died, "the layer's process died: signal SIGSEGV"),
        (looped, "the layer did not come back within 1 s"),
        (greedy, "Unable to allocate 300. GiB"),
    ],
)
def test_what_it_breaks_costs_its_case(forward: Any, words: str) -> None:
    report = judged(forward, seconds=1.0, gigabytes=2.0)
    assert report.verdict is Verdict.ERROR
    assert words in report.reason


def test_a_contract_that_it_breaks_is_named_all_the_same() -> None:
    report = judged(lambda x: x)
    assert report.verdict is Verdict.FAIL
    assert "expected a pair (y, cache)" in report.reason
