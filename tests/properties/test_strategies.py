"""The public strategies: what they draw, that it replays, and that they find a wrong layer."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from gradcheck.properties import (
    Window,
    array,
    arrays,
    cases,
    conv2d_cases,
    cotangent,
    cotangents,
    draw_cotangent,
    draw_inputs,
    linear_cases,
    max_pool2d_cases,
    windows,
)
from gradcheck.reference import conv2d
from hypothesis import example, given, settings
from hypothesis import strategies as st

import gradcheck
from gradcheck import Case, adapt
from gradcheck.trial import Trial

Array = np.ndarray[Any, Any]

SHAPES = st.sampled_from([(), (1,), (2, 3), (0, 2), (2, 1, 4, 3)])
few = settings(max_examples=40, deadline=None, database=None)


@few
@given(arrays(SHAPES, dtype=st.sampled_from(["float64", "float32"])), SHAPES, st.data())
def test_arrays_have_the_shape_and_dtype_asked_for(x: Array, shape: Any, data: Any) -> None:
    assert x.dtype in (np.float64, np.float32)
    assert data.draw(arrays(shape, kind="wide")).shape == shape


@few
@given(arrays((3, 5), kind="lattice"), arrays((5, 2), kind="lattice"))
def test_sums_of_products_on_the_lattice_are_exact(x: Array, w: Array) -> None:
    wide = (16 * x).astype(object) @ (16 * w).astype(object)
    assert np.array_equal((x @ w) * 256, wide.astype(float))


@few
@given(arrays(st.sampled_from([(7,), (3, 4)]), kind="distinct"))
def test_distinct_entries_keep_apart_and_off_zero(x: Array) -> None:
    assert np.min(np.diff(np.sort(x.ravel()))) >= 0.5
    assert np.min(np.abs(x)) >= 0.25


@few
@given(cotangents((4, 4)))
def test_a_cotangent_has_no_zero_and_no_pair_alike(u: Array) -> None:
    assert np.all((np.abs(u) >= 0.5) & (np.abs(u) <= 2))
    assert len(set(u.ravel())) == u.size


def test_a_cotangent_has_both_signs() -> None:
    assert set(np.sign(cotangent((30,), 1))) == {-1.0, 1.0}


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="lattice"):
        array((2,), kind="latice")


def notes(test: Any) -> str:
    """Return what Hypothesis adds to the failure of a test."""
    with pytest.raises(AssertionError) as caught:
        settings(max_examples=20, deadline=None, database=None, derandomize=True)(test)()
    return "\n".join(caught.value.__notes__)


def printed(text: str, **names: Any) -> dict[str, Any]:
    """Return the arguments that Hypothesis prints of a failing test, evaluated."""
    call = re.search(r"fails(\(.*?^\))", text, re.DOTALL | re.MULTILINE)
    assert call, text
    found: dict[str, Any] = eval(f"dict{call[1]}", names)
    return found


@pytest.mark.parametrize("shape", [(2, 3), (1,), ()])
@pytest.mark.parametrize("kind", ["real", "lattice", "distinct", "wide"])
@pytest.mark.parametrize("hard", [False, True])
def test_what_a_failing_test_prints_gives_the_same_bits(shape: Any, kind: str, hard: bool) -> None:
    seen: list[Array] = []

    @given(x=arrays(shape, kind=kind))
    def fails(x: Array) -> None:
        if not hard or abs(x).max() > 0.2:
            seen.append(x)
            raise AssertionError

    text = notes(fails)
    noted = re.search(r"drawn by (.*)", text)
    scope = {"array": lambda first, *rest, **more: made(first, rest, more)}
    again = eval(noted[1], scope) if noted else printed(text, **scope)["x"]
    assert again.tobytes() == seen[-1].tobytes()


def made(first: Any, rest: Any, more: Any) -> Array:
    """Read `array(...)` as a failing test prints it: our call, or NumPy's own text."""
    return array(first, *rest, **more) if rest else np.array(first)


def test_a_cotangent_is_printed_as_its_call() -> None:
    seen: list[Array] = []

    @given(x=cotangents((2, 3), dtype="float32"))
    def fails(x: Array) -> None:
        seen.append(x)
        raise AssertionError

    again = printed(notes(fails), cotangent=cotangent)["x"]
    assert (again.tobytes(), again.dtype) == (seen[-1].tobytes(), seen[-1].dtype)


def test_a_case_and_a_window_replay_from_what_is_printed() -> None:
    seen: list[tuple[Case, Window]] = []

    @given(case=conv2d_cases("stride > kernel"), window=windows())
    def fails(case: Case, window: Window) -> None:
        seen.append((case, window))
        raise AssertionError

    again = printed(notes(fails), Case=Case, Window=Window)
    assert (again["case"], again["window"]) == seen[-1]
    assert hash(again["case"].config) == hash(seen[-1][0].config)


@few
@given(windows())
def test_windows_count_as_torch_counts(w: Window) -> None:
    places = [start for start in range(w.size + 2 * w.padding) if start % w.stride == 0]
    reach = w.dilation * (w.kernel - 1) + 1
    assert w.out == sum(start + reach <= w.size + 2 * w.padding for start in places)


@few
@given(windows(kernel=2, stride=3, padding=0, dilation=1, ceil_mode=(False, True)))
@example(Window(size=7, kernel=2, stride=3, ceil_mode=True))
def test_windows_keep_to_what_is_asked(w: Window) -> None:
    assert (w.kernel, w.stride, w.padding, w.dilation) == (2, 3, 0, 1)


def test_windows_that_no_axis_has_are_refused() -> None:
    with pytest.raises(ValueError, match="no axis"):
        windows(out=1, kernel=1, stride=1, padding=3)


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        windows(kernel=(0, 1))


@few
@given(linear_cases(bias=False), max_pool2d_cases(dtype="float32"), cases("relu"))
def test_cases_are_pinned(linear: Case, pool: Case, relu: Case) -> None:
    assert draw_inputs("linear", linear)["bias"] is None
    assert pool.dtype == "float32"
    assert relu.shape("x") == draw_inputs("relu", relu)["x"].shape


@few
@given(conv2d_cases(stride=2))
def test_the_arrays_of_a_case_are_those_of_a_run(case: Case) -> None:
    layer = adapt.functional(conv2d.forward, conv2d.backward)
    trial = Trial(layer, case, spec=gradcheck.properties.conv2d())
    given: Any = trial.point.inputs
    for name, drawn in draw_inputs("conv2d", case).items():
        assert np.array_equal(drawn, given[name])
    assert np.array_equal(draw_cotangent(case), trial.cotangent)


def test_a_wrong_layer_is_found_with_them() -> None:
    """The adjoint identity <u, f(x)> = <f*(u), x> of a convolution without bias."""

    @settings(max_examples=25, deadline=None, database=None, derandomize=True)
    @given(conv2d_cases(bias=False, dtype="float64"))
    def adjoint(factor: float, case: Case) -> None:
        inputs: dict[str, Any] = draw_inputs("conv2d", case)
        u: Any = draw_cotangent(case)
        y, cache = conv2d.forward(**inputs, **case.config)
        dx: Any = factor * conv2d.backward(u, cache)[0]
        size = np.sum(np.abs(u)) * np.sum(np.abs(inputs["x"]))
        size *= np.max(np.abs(inputs["weight"]))
        assert abs(np.vdot(u, y) - np.vdot(dx, inputs["x"])) <= 1e-12 * size

    adjoint(factor=1.0)
    with pytest.raises(AssertionError):
        adjoint(factor=1.001)
