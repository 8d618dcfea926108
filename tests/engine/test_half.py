"""Half precision: float16 and bfloat16 of torch's code, held against float64."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt, bounds
from gradcheck.case import Case
from gradcheck.engine import Subject, examine
from gradcheck.registry import load_spec

torch: Any = pytest.importorskip("torch")
pytest.importorskip("ml_dtypes")
HALF = ["float16", "bfloat16"]


def only_in(dtype: str, factor: float) -> Any:
    """Return a tanh whose backward is wrong by a factor in one precision, right in the others."""

    class Tanh(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = torch.tanh(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            (y,) = ctx.saved_tensors
            return dy * (1 - y * y) * (factor if dy.dtype == getattr(torch, dtype) else 1)

    return adapt.torch(Tanh, ("x",))


@pytest.mark.parametrize("dtype", HALF)
def test_a_kernel_that_is_wrong_in_half_precision_alone_fails(dtype: str) -> None:
    for factor, verdict in ((1.0, Verdict.PASS), (1.3, Verdict.FAIL)):
        report = gradcheck.check_layer(
            "tanh", only_in(dtype, factor), examples=8, fixed={"dtype": dtype}
        )
        assert report.verdict is verdict
        if verdict is Verdict.PASS:
            assert {c.dtype for c in report.comparisons} == {dtype}


@pytest.mark.parametrize("dtype", HALF)
def test_a_point_is_checked_in_half_precision_and_seen_in_float64(dtype: str) -> None:
    x = np.random.default_rng(0).standard_normal(4).astype(dtype)
    assert gradcheck.check(only_in(dtype, 1.0), x=x).verdict is Verdict.PASS
    assert gradcheck.check(only_in(dtype, 1.3), x=x).verdict is Verdict.FAIL
    everywhere = adapt.torch(lambda x: torch.tanh(x) + 0.01 * (x - x.detach()), ("x",))
    assert gradcheck.check(everywhere, x=x).verdict is Verdict.FAIL


@pytest.mark.parametrize("dtype", HALF)
def test_sums_in_half_precision(dtype: str) -> None:
    linear = torch.nn.functional.linear

    def wrong(x: Any, weight: Any, bias: Any = None) -> Any:
        y = linear(x, weight, bias)
        return y + (x - x.detach()).sum() if y.dtype == getattr(torch, dtype) else y

    for function, verdict in ((linear, Verdict.PASS), (wrong, Verdict.FAIL)):
        layer = adapt.torch(function, ("x", "weight", "bias"), name="linear")
        report = gradcheck.check_layer("linear", layer, examples=15, fixed={"dtype": dtype})
        assert report.verdict is verdict


@pytest.mark.parametrize(("bent", "verdict"), [(0.0, Verdict.PASS), (0.1, Verdict.FAIL)])
def test_digits_that_cancel_are_no_want_of_linearity(bent: float, verdict: Verdict) -> None:
    class TanhShrink(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(torch.tanh(x))
            return x - torch.tanh(x)

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            (y,) = ctx.saved_tensors
            dx = dy - dy * (1 - y * y)
            return dx + bent * dx.abs()

    layer = adapt.torch(TanhShrink, ("x",), name="tanhshrink")
    subject = Subject(layer=layer, spec=load_spec("tanhshrink"), checks=("structure",))
    shapes = {"x": (4, 5), "output": (4, 5)}
    cases = [Case(shapes=shapes, dtype="float16", seed=seed) for seed in range(40)]
    verdicts = {examine(subject, case).verdict for case in cases}
    assert (Verdict.FAIL in verdicts) is (verdict is Verdict.FAIL)
    notes = [n.name for case in cases for n in examine(subject, case).notes]
    assert "relative accuracy" in notes


def test_a_sum_longer_than_its_dtype_counts_has_a_bound() -> None:
    for dtype, n in (("bfloat16", 1000), ("float16", 10_000), ("bfloat16", 10**9)):
        assert 1 < bounds.gamma(n, dtype) < np.inf
    u = bounds.unit_roundoff("float32")
    assert 1000 * u < bounds.gamma(1000, "float32") <= 1000 * u / (1 - 1000 * u)


def test_without_its_package_bfloat16_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(ValueError, match="pip install ml_dtypes"):
        Case(dtype="bfloat16")
