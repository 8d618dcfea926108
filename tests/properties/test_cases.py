"""Cases: each is valid, small, of the class asked for, and keeps what was fixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradcheck import properties
from gradcheck.case import Case
from gradcheck.spec import Contradiction, Spec

Draw = Callable[..., list[Case]]


@pytest.mark.environment  # a minute for all specs
def test_every_case_of_a_class_is_of_that_class(spec: Spec, draw: Draw) -> None:
    for wanted in spec.classes:
        for case in draw(spec.cases(wanted.name, {})):
            assert wanted.holds(case), (wanted.name, case)


def test_names_of_classes_are_unique(spec: Spec) -> None:
    names = [wanted.name for wanted in spec.classes]
    assert len(set(names)) == len(names)
    assert "any" not in names


@pytest.mark.environment  # half a minute for all specs
def test_no_class_holds_of_everything_or_is_two_times_there(spec: Spec, draw: Draw) -> None:
    cases = [c for w in spec.classes for c in draw(spec.cases(w.name, {}), 10)]
    patterns = {wanted.name: tuple(map(wanted.holds, cases)) for wanted in spec.classes}
    assert not [name for name, pattern in patterns.items() if all(pattern)]
    assert len(set(patterns.values())) == len(patterns)


def test_any_case_is_one_that_the_oracle_takes(spec: Spec, draw: Draw) -> None:
    pytest.importorskip("torch")
    assert spec.oracle is not None
    for target in ("any", *(wanted.name for wanted in spec.classes)):
        for case in draw(spec.cases(target, {}))[:5]:
            inputs = {
                name: None if shape is None else np.full(shape, 0.5)
                for name, shape in case.shapes.items()
                if name != "output"
            }
            output, _ = spec.oracle(case.config).pull(**inputs)
            assert output.shape == case.shape("output"), case
            assert np.isfinite(output).all(), case


def test_cases_are_small(spec: Spec, draw: Draw) -> None:
    cases = draw(spec.cases("any", {}), 200)
    assert max(case.size for case in cases) <= 700
    assert np.median([case.size for case in cases]) <= 250
    for wanted in spec.classes:
        assert max(case.size for case in draw(spec.cases(wanted.name, {}))) <= 4000


def test_cases_name_every_input_and_the_output(spec: Spec, draw: Draw) -> None:
    for case in draw(spec.cases("any", {})):
        assert set(case.shapes) == {*spec.inputs, "output"}
        absent = {name for name, shape in case.shapes.items() if shape is None}
        assert absent <= set(spec.optional)
        for name in spec.batched:
            assert case.shape(name)[0] == case.shape("output")[0]


def test_a_case_survives_as_a_line_of_json(spec: Spec, draw: Draw) -> None:
    for case in draw(spec.cases("any", {})):
        assert Case.from_dict(json.loads(case.to_json())) == case


def test_cases_vary(spec: Spec, draw: Draw) -> None:
    cases = draw(spec.cases("any", {}), 60)
    assert len({case.to_json() for case in cases}) > 40
    assert {case.dtype for case in cases} == {"float32", "float64"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_fixed_fact_holds_of_every_case(spec: Spec, draw: Draw, dtype: str) -> None:
    for case in draw(spec.cases("any", {"dtype": dtype, "batch": 2})):
        assert case.dtype == dtype
        assert case.shape("x")[0] == 2


PAIRS = [
    ("conv2d", {"stride": 3, "padding": (1, 0), "dilation": 2}),
    ("conv2d", {"groups": 5, "bias": True}),
    ("conv2d", {"stride": 11, "padding": 7}),
    ("max_pool2d", {"kernel_size": 11, "stride": (7, 2), "ceil_mode": True}),
    ("max_pool2d", {"kernel_size": 3, "padding": 1, "data": "negative"}),
    ("avg_pool2d", {"kernel_size": [2, 3], "divisor_override": 5}),
    ("avg_pool2d", {"count_include_pad": False, "divisor_override": None}),
    ("leaky_relu", {"negative_slope": 0.125}),
    ("elu", {"alpha": 3.5, "data": "wide"}),
    ("linear", {"bias": False}),
]


@pytest.mark.parametrize(("name", "fixed"), PAIRS)
def test_fixed_settings_hold_of_every_case(name: str, fixed: dict[str, Any], draw: Draw) -> None:
    spec: Spec = getattr(properties, name)()
    paired = {"stride", "padding", "dilation", "kernel_size"}
    reached = 0
    for target in ("any", *(wanted.name for wanted in spec.classes)):
        try:
            strategy = spec.cases(target, fixed)
        except Contradiction:
            continue
        reached += 1
        for case in draw(strategy, 5):
            for key, value in fixed.items():
                pair = value if isinstance(value, (tuple, list)) else (value, value)
                assert case.facts[key] == (tuple(pair) if key in paired else value)
    assert reached > 1


CONTRADICTIONS = [
    ("conv2d", "groups > 1", {"groups": 1}),
    ("conv2d", "stride > kernel", {"stride": 1}),
    ("conv2d", "sh != sw", {"stride": 2}),
    ("conv2d", "no bias", {"bias": True}),
    ("conv2d", "float32", {"dtype": "float64"}),
    ("conv2d", "batch > 1", {"batch": 1}),
    ("conv2d", "any", {"data": "negative"}),
    ("max_pool2d", "any", {"kernel_size": 2, "padding": 2}),
    ("max_pool2d", "ceil_mode, partial last window", {"ceil_mode": False}),
    ("max_pool2d", "negative data with padding", {"padding": 0}),
    ("avg_pool2d", "divisor_override given", {"divisor_override": None}),
    ("avg_pool2d", "any", {"divisor_override": 0}),
    ("leaky_relu", "slope < 0, x < 0", {"negative_slope": 0.5}),
    ("relu", "any", {"dtype": "int8"}),
]


@pytest.mark.parametrize(("name", "target", "fixed"), CONTRADICTIONS)
def test_a_contradiction_is_said_at_once(name: str, target: str, fixed: dict[str, Any]) -> None:
    with pytest.raises(Contradiction, match=f"{name} has no case of class '{target}'.*is left"):
        getattr(properties, name)().cases(target, fixed)


MISTAKES = [
    ({"strides": 1}, "cannot fix 'strides'; what can be fixed is"),
    ({"stride": 0}, "stride=0 is not an int of 1 or more"),
    ({"padding": -1}, "padding=-1 is not an int of 0 or more"),
    ({"stride": (1, 2, 3)}, "neither an int nor a pair"),
    ({"stride": True}, "stride=True is not an int"),
    ({"padding": "same"}, "padding='same' is not an int"),
    ({"groups": 1.0}, "groups=1.0 is not an int"),
]


@pytest.mark.parametrize(("fixed", "message"), MISTAKES)
def test_a_mistake_is_not_a_contradiction(fixed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        properties.conv2d().cases("any", fixed)
    assert not isinstance(caught.value, Contradiction)


def test_an_unknown_class_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="conv2d has no class 'stride'; its classes are 'batch"):
        properties.conv2d().cases("stride", {})


def test_a_case_shrinks_to_the_smallest_geometry() -> None:
    from hypothesis import find, settings

    spec = properties.conv2d()
    case = find(
        spec.cases("any", {}),
        lambda case: case.config["stride"][1] > 1 and case.shape("output")[3] > 1,
        settings=settings(database=None, derandomize=True, deadline=None),
    )
    assert case.config == {"stride": (1, 2), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
    assert case.shapes == {
        "x": (1, 1, 1, 3),
        "weight": (1, 1, 1, 1),
        "bias": None,
        "output": (1, 1, 1, 2),
    }
    assert (case.dtype, case.seed) == ("float64", 0)


def test_a_setting_of_another_type_is_not_remembered_as_its_equal() -> None:
    properties.conv2d().cases("any", {"groups": 1})
    with pytest.raises(ValueError, match=r"groups=1\.0 is not an int"):
        properties.conv2d().cases("any", {"groups": 1.0})
