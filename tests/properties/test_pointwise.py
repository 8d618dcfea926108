"""Pointwise: data off the kink at 0, and which derivatives are right on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from gradcheck import properties
from gradcheck.case import Case
from gradcheck.finding import Failure, Note
from gradcheck.registry import load_layer
from gradcheck.spec import Spec
from gradcheck.trial import Trial

Draw = Callable[..., list[Case]]
Array = np.ndarray

BENT = ["relu", "leaky_relu", "prelu", "elu", "selu"]


def _spec(name: str) -> Spec:
    made: Spec = getattr(properties, name)()
    return made


@pytest.mark.parametrize("name", BENT)
@pytest.mark.parametrize("span", [1 << 53, 1 << 24, 1000, 9, 8, 7, 2, 1])
def test_no_entry_is_near_the_kink(name: str, span: int, draw: Draw) -> None:
    spec = _spec(name)
    assert spec.kinks is not None
    for case in draw(spec.cases("any", {})):
        for wrt in spec.inputs:
            drawn, reach = spec.kinks.place(case, wrt, span, np.random.default_rng(case.seed))
            assert drawn.shape == case.shape(wrt)
            assert drawn.dtype == np.int64
            assert np.all(np.abs(drawn) + 2 * reach <= span)
            assert wrt != "x" or np.all(np.abs(drawn) > 2 * reach)
            assert span < 8 or reach > 0


@pytest.mark.parametrize("name", BENT)
def test_data_keeps_to_the_side_asked_for(name: str, draw: Draw) -> None:
    spec = _spec(name)
    assert spec.kinks is not None
    for target, sign in (("negative inputs", -1), ("positive inputs", 1)):
        for case in draw(spec.cases(target, {})):
            x, _ = spec.kinks.place(case, "x", 1 << 24, np.random.default_rng(case.seed))
            assert np.all(sign * x > 0)


def test_plain_data_is_on_both_sides() -> None:
    kinks = properties.relu().kinks
    assert kinks is not None
    x, _ = kinks.place(Case(shapes={"x": (1000,)}), "x", 1 << 24, np.random.default_rng(0))
    assert 400 < np.sum(x > 0) < 600


@dataclass
class Bent:
    """Slopes for below, at and above 0."""

    left: float
    at: float
    right: float
    name: str = "bent"
    inputs: tuple[str, ...] = ("x",)

    def __call__(self, config: Mapping[str, Any], /) -> Bent:
        return self

    def pull(self, **inputs: Any) -> tuple[Array, Any]:
        x = inputs["x"]
        slope = np.select([x < 0, x == 0], [self.left, self.at], self.right).astype(x.dtype)
        return x * slope, lambda u: {"x": u * slope}


def _findings(layer: Any, spec: Spec, cases: list[Case]) -> list[Failure | Note]:
    assert spec.kinks is not None
    return [f for case in cases for f in spec.kinks.check(Trial(layer, case, spec=spec))]


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (0.0, "at x = 0: 0, the derivative from the left, as below 0 (same as torch)"),
        (
            1.0,
            "at x = 0: 1, the derivative from the right, as above 0 (a valid",
        ),
        (
            0.5,
            "at x = 0: 1/2, the mean of the derivatives from both sides (a valid",
        ),
        (0.3, "no one derivative between those from both sides (a valid"),
    ],
)
def test_a_derivative_between_both_sides_is_a_convention(
    at: float, message: str, draw: Draw
) -> None:
    spec = _spec("relu")
    findings = _findings(Bent(0.0, at, 1.0), spec, draw(spec.cases("any", {})))
    assert len(findings) > 20
    for finding in findings:
        assert isinstance(finding, Note), finding
        assert finding.name == "derivative at 0"
        assert message in finding.message


@pytest.mark.parametrize("at", [-0.1, 1.1, 2.0, float("nan"), float("inf")])
def test_a_derivative_outside_both_sides_fails(at: float, draw: Draw) -> None:
    spec = _spec("relu")
    cases = draw(spec.cases("any", {}))
    for case, finding in zip(cases, _findings(Bent(0.0, at, 1.0), spec, cases), strict=True):
        assert isinstance(finding, Failure)
        assert "at the kink x = 0, entry" in finding.message
        assert finding.discrepancy is not None
        assert len(finding.discrepancy.index) == len(case.shape("x"))


def test_a_slope_that_rounds_is_within_its_rounding(draw: Draw) -> None:
    spec = _spec("leaky_relu")
    cases = draw(spec.cases("float32", {"negative_slope": 0.01}))
    findings = _findings(Bent(0.01, 0.01, 1.0), spec, cases)
    assert {finding.message for finding in findings} == {
        "at x = 0: the derivative from the left, as below 0 (same as torch)"
    }
    wrong = _findings(Bent(0.01, 0.0099999, 1.0), spec, cases)
    assert all(isinstance(finding, Failure) for finding in wrong)


def test_zero_between_other_slopes_is_a_convention(draw: Draw) -> None:
    spec = _spec("leaky_relu")
    cases = draw(spec.cases("any", {"negative_slope": -0.5}), 5)
    notes = _findings(Bent(-0.5, 0.0, 1.0), spec, cases)
    assert {note.message for note in notes} == {
        "at x = 0: derivative 0 (a valid convention, other than torch's)"
    }


def test_where_both_sides_agree_there_is_no_convention(draw: Draw) -> None:
    spec = _spec("leaky_relu")
    cases = draw(spec.cases("any", {"negative_slope": 1.0}), 5)
    assert not _findings(Bent(1.0, 1.0, 1.0), spec, cases)
    assert all(
        isinstance(finding, Failure) for finding in _findings(Bent(1.0, 0.0, 1.0), spec, cases)
    )


@pytest.mark.parametrize("name", BENT)
def test_the_hand_written_layers_do_as_torch_does(name: str, draw: Draw) -> None:
    spec, layer = _spec(name), load_layer(name)[0]
    findings = _findings(layer, spec, draw(spec.cases("any", {})))
    assert findings
    assert all("same as torch" in f.message for f in findings if isinstance(f, Note))
    assert not [f for f in findings if isinstance(f, Failure)]


@pytest.mark.parametrize("name", BENT)
def test_torch_does_as_the_notes_say(name: str, draw: Draw) -> None:
    pytest.importorskip("torch")
    spec = _spec(name)
    assert spec.oracle is not None
    for case in draw(spec.cases("any", {"dtype": "float64"}), 10):
        layer = Torch(spec.oracle, spec.inputs)
        for finding in _findings(layer, spec, [case]):
            assert "same as torch" in finding.message


@dataclass
class Torch:
    """An oracle as a layer."""

    oracle: Any
    inputs: tuple[str, ...]
    name: str = "torch"

    def __call__(self, config: Mapping[str, Any], /) -> Any:
        return self.oracle(config)


def test_a_slope_has_no_gradient_where_x_is_zero(draw: Draw) -> None:
    class Off:
        name, inputs = "off", ("x", "weight")

        def __call__(self, config: Mapping[str, Any], /) -> Off:
            return self

        def pull(self, **inputs: Any) -> tuple[Array, Any]:
            x, w = inputs["x"], inputs["weight"]
            slope = w.reshape(-1, *[1] * (x.ndim - 2)) if x.ndim > 1 else w
            y = np.where(x > 0, x, slope * x)
            return y, lambda u: {"x": np.where(x > 0, u, slope * u), "weight": np.ones_like(w)}

    spec = _spec("prelu")
    findings = _findings(Off(), spec, draw(spec.cases("any", {}), 5))
    failures = [finding for finding in findings if isinstance(finding, Failure)]
    assert len(failures) == 5
    assert all(failure.wrt == "weight" for failure in failures)
    assert "x is 0 all over, so the gradient of weight is 0" in failures[0].message


def test_conventions_at_other_kinks_are_named_by_their_number(draw: Draw) -> None:
    spec, (layer, _, _) = _spec("relu6"), load_layer("relu6")
    said = {note.message for note in _findings(layer, spec, draw(spec.cases("any", {})))}
    assert said == {
        "at x = 0: 0, the derivative from the left", "at x = 6: 0, the derivative from the right"
    }  # fmt: skip
