"""`check_layer` as a stranger calls it: two functions, a strategy, a second implementation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from gradcheck.reference import conv2d, linear
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import gradcheck
from gradcheck import Case, Verdict, adapt

Array = np.ndarray[Any, Any]

SQUARES = st.fixed_dictionaries(
    {
        "x": hnp.arrays(
            np.float64, hnp.array_shapes(min_dims=1, max_dims=3), elements=st.floats(0.5, 2)
        )
    }
)


def forward(x: Array) -> tuple[Array, Array]:
    return x**2, x


def right(dy: Array, x: Array) -> Array:
    return 2 * x * dy


def wrong(dy: Array, x: Array) -> Array:
    return x * dy


def without_bias(dy: Array, cache: Any) -> Any:
    dx, dweight, dbias = conv2d.backward(dy, cache)
    return dx, dweight, None if dbias is None else 0 * dbias


def test_three_lines_check_a_pair_of_functions() -> None:
    layer = adapt.functional(conv2d.forward, conv2d.backward)
    report = gradcheck.check_layer("conv2d", layer, examples=200, seed=0)
    report.raise_for_verdict()
    assert report.verdict is Verdict.PASS
    assert report.cases >= 200


def test_without_a_layer_the_shipped_one_is_checked() -> None:
    assert gradcheck.check_layer("linear", examples=40).origin.startswith("gradcheck")


def test_a_failure_says_what_is_wrong_and_how_to_see_it_again() -> None:
    layer = adapt.functional(conv2d.forward, without_bias)
    report = gradcheck.check_layer("conv2d", layer, examples=100)
    assert report.verdict is Verdict.FAIL
    failure = report.failures[0]
    assert (failure.wrt, failure.check) == ("bias", "differences")
    assert set(failure.config) == {"stride", "padding", "dilation", "groups"}
    assert failure.discrepancy is not None
    assert failure.discrepancy.backward == 0
    again: gradcheck.LayerReport = eval(failure.reproduce, {"gradcheck": gradcheck, "layer": layer})
    assert again.failures[0].discrepancy == failure.discrepancy
    with pytest.raises(gradcheck.VerdictError, match="bias"):
        report.raise_for_verdict()


def test_fixed_pins_a_setting_and_is_named() -> None:
    report = gradcheck.check_layer("conv2d", examples=60, fixed={"groups": 1})
    assert report.verdict is Verdict.PASS
    assert report.to_dict()["fixed"] == {"groups": 1}
    assert any("groups" in line for line in report.not_checked)
    assert {c.name: c.left_out for c in report.coverage}["depthwise"] is not None


def test_where_keeps_to_a_part_of_the_contract_and_is_named() -> None:
    def square(facts: Mapping[str, Any]) -> bool:
        return bool(facts["stride"][0] == facts["stride"][1])

    seen = []

    def watched(*arrays: Any, stride: tuple[int, int], **config: Any) -> Any:
        seen.append(stride)
        return conv2d.forward(*arrays, stride=stride, **config)

    layer = adapt.functional(watched, conv2d.backward)
    report = gradcheck.check_layer("conv2d", layer, examples=60, where=square)
    assert all(a == b for a, b in seen)
    assert report.where == "square"
    assert any("square" in line for line in report.not_checked)
    assert report.failures == ()


@pytest.mark.parametrize(("backward", "verdict"), [(right, Verdict.PASS), (wrong, Verdict.FAIL)])
def test_a_strategy_of_ones_own_takes_the_place_of_a_spec(backward: Any, verdict: Verdict) -> None:
    layer = adapt.functional(forward, backward)
    report = gradcheck.check_layer(layer=layer, inputs=SQUARES, examples=30)
    assert report.verdict is verdict
    assert report.cases >= (30 if verdict is Verdict.PASS else 1)


@pytest.mark.parametrize(("against", "verdict"), [("linear", Verdict.PASS), ("x2", Verdict.FAIL)])
def test_a_second_implementation_is_the_oracle(against: str, verdict: Verdict) -> None:
    def doubled(*arrays: Any) -> Any:
        output, cache = linear.forward(*arrays)
        return 2 * output, cache

    second = linear.forward if against == "linear" else doubled
    report = gradcheck.check_layer(
        "linear",
        adapt.functional(linear.forward, linear.backward),
        against=adapt.functional(second, linear.backward),
        examples=40,
    )
    assert report.verdict is verdict


def test_a_case_is_replayed_alone() -> None:
    case = Case(shapes={"x": (2, 3), "weight": (4, 3), "output": (2, 4)}, seed=5)
    assert gradcheck.check_layer("linear", case=case).cases == 1


def test_neither_spec_nor_inputs_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs a spec"):
        gradcheck.check_layer()


def test_inputs_without_a_layer_is_an_error() -> None:
    with pytest.raises(ValueError, match="needs a layer"):
        gradcheck.check_layer(inputs=SQUARES)


def test_an_unknown_spec_names_the_closest() -> None:
    with pytest.raises(gradcheck.UnknownName, match="conv2d"):
        gradcheck.check_layer("conv2")


def test_inputs_named_unlike_the_specs_are_refused() -> None:
    layer = adapt.functional(linear.forward, linear.backward, inputs=("x", "w", "b"))
    with pytest.raises(ValueError, match="name them alike"):
        gradcheck.check_layer("linear", layer)


@pytest.mark.parametrize("entries", [3, 500])
def test_a_drawn_failure_is_repeated_by_the_call_that_is_printed(entries: int) -> None:
    x = np.random.default_rng(0).uniform(0.5, 2, entries)
    layer = adapt.functional(forward, wrong)
    report = gradcheck.check_layer(layer=layer, inputs=st.just({"x": x}), examples=3)
    failure = report.failures[0]
    code, _, where = failure.reproduce.partition(", where given = ")
    scope = {"gradcheck": gradcheck, "numpy": np, "layer": layer, "report": report}
    given = eval(where, scope) if where else None
    again: gradcheck.LayerReport = eval(code, {**scope, "given": given})
    assert again.failures[0].discrepancy == failure.discrepancy
    kept: Any = again.failures[0].case.given
    assert np.array_equal(kept["x"], x)


def test_a_config_and_an_absent_input_are_in_that_call() -> None:
    def scaled(x: Array, weight: Array, bias: Array | None, *, by: float) -> tuple[Array, Any]:
        return by * x * weight, (x, weight, by)

    def back(dy: Array, cache: Any) -> Any:
        x, weight, by = cache
        return by * dy * weight, dy * x, None

    layer = adapt.functional(scaled, back)
    case = Case(
        config=gradcheck.Config(by=3.0),
        shapes={"x": (2,), "weight": (2,), "bias": None},
        given={"x": np.array([1.0, 0.1]), "weight": np.array([1.5, 2.5]), "bias": None},
    )
    report = gradcheck.check_layer(layer=layer, inputs=st.just(case), examples=2)
    assert report.failures[0].wrt == "weight"
    again: gradcheck.LayerReport = eval(
        report.failures[0].reproduce, {"gradcheck": gradcheck, "numpy": np, "layer": layer}
    )
    assert again.failures[0].discrepancy == report.failures[0].discrepancy


def test_a_drawn_case_without_inputs_is_refused() -> None:
    layer = adapt.functional(forward, right)
    with pytest.raises(ValueError, match="given="):
        gradcheck.check_layer(layer=layer, inputs=st.just(Case(shapes={"x": (2,)})), examples=2)


def test_without_an_oracle_the_report_says_what_goes_unseen() -> None:
    """A wrong forward that its backward matches: only an oracle sees it."""
    layer = adapt.functional(lambda x: (x**3, x), lambda dy, x: 3 * x**2 * dy)
    report = gradcheck.check_layer(layer=layer, inputs=SQUARES, examples=10)
    assert report.verdict is Verdict.PASS
    assert any("a wrong forward that its backward matches" in line for line in report.not_checked)


def test_pins_that_leave_nothing_say_why() -> None:
    report = gradcheck.check_layer("conv2d", fixed={"bias": "maybe"}, examples=5)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason.startswith("nothing was checked: conv2d has no case of class 'any' with")


@pytest.mark.parametrize("seed", range(3))
def test_ten_cases_show_whether_the_bias_is_summed_over_the_batch(seed: int) -> None:
    def averaged(dy: Array, cache: Any) -> tuple[Any, ...]:
        dx, dweight, dbias = linear.backward(dy, cache)
        return dx, dweight, None if dbias is None else dbias / dy.dtype.type(len(dy))

    for backward, expected in ((averaged, Verdict.FAIL), (linear.backward, Verdict.PASS)):
        layer = adapt.functional(linear.forward, backward)
        assert expected is gradcheck.check_layer("linear", layer, examples=10, seed=seed).verdict
