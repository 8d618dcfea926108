"""Windows, divisors and counts, against torch and against counting one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradcheck.properties._adaptive_windows import adaptive
from gradcheck.properties._adaptive_windows import counts as adaptive_counts
from gradcheck.properties._borders import convolution
from gradcheck.properties._divisors import common, divisors, largest_share
from gradcheck.properties._windows import bordered, most_covering, sliding, whole

from gradcheck import properties
from gradcheck.case import Case
from gradcheck.spec import Multilinear, Spec

Draw = Callable[..., list[Case]]

torch = pytest.importorskip("torch")


def _all(spec: Spec, draw: Draw, each: int = 5) -> list[Case]:
    return [c for w in spec.classes for c in draw(spec.cases(w.name, {}), each)]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_windows_are_those_that_torch_takes_the_maximum_of(axes: int, draw: Draw) -> None:
    spec = getattr(properties, f"max_pool{axes}d")()
    for case in _all(spec, draw):
        plane = np.random.default_rng(case.seed).permutation(np.prod(case.shape("x")[2:])) + 1.0
        windows = sliding(case)
        ours = np.where(windows >= 0, plane[windows], -np.inf).max(axis=1)
        x = torch.from_numpy(plane.reshape(1, 1, *case.shape("x")[2:]))
        theirs = getattr(torch.nn.functional, f"max_pool{axes}d")(x, **case.config)
        assert np.array_equal(ours, theirs.numpy().ravel()), case


def test_no_window_holds_nothing(draw: Draw) -> None:
    for case in _all(properties.max_pool2d(), draw):
        assert (sliding(case) >= 0).any(axis=1).all(), case


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_windows_over_a_border_are_those_that_torch_sums(axes: int, draw: Draw) -> None:
    for case in _all(getattr(properties, f"padded_conv{axes}d")(), draw, 2):
        size, kernel = case.shape("x")[2:], case.shape("weight")[2:]
        rng = np.random.default_rng(case.seed)
        x, weight = rng.integers(9, size=size) + 1.0, rng.integers(9, size=kernel) + 1.0
        windows = bordered(case)
        ours = np.where(windows >= 0, x.ravel()[windows], 0) @ weight.ravel()
        image, kernels = (torch.from_numpy(array[None, None]) for array in (x, weight))
        settings: dict[str, Any] = {**case.config, "groups": 1}
        theirs = convolution(image, kernels, None, **settings)
        assert np.array_equal(ours, theirs.numpy().ravel()), case


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_adaptive_windows_are_those_that_torch_averages(axes: int, draw: Draw) -> None:
    for case in _all(getattr(properties, f"adaptive_avg_pool{axes}d")(), draw, 2):
        places = np.random.default_rng(case.seed).permutation(np.prod(case.shape("x")[2:])) + 1.0
        windows = adaptive(case)
        ours = np.where(windows >= 0, places[windows], 0).sum(axis=1) / (windows >= 0).sum(axis=1)
        x = torch.from_numpy(places.reshape(1, 1, *case.shape("x")[2:]))
        theirs = getattr(torch.nn.functional, f"adaptive_avg_pool{axes}d")(x, **case.config)
        assert np.allclose(ours, theirs.numpy().ravel()), case
        assert adaptive_counts(case)["x"] == np.bincount(windows[windows >= 0]).max()
        assert adaptive_counts(case)["output"] == windows.shape[1]


def test_the_one_window_of_a_global_pool_is_the_plane(draw: Draw) -> None:
    for case in draw(properties.global_max_pool2d().cases("any", {})):
        assert whole(case).shape == (1, np.prod(case.shape("x")[2:]))


def test_the_class_of_shared_maxima_has_an_entry_in_several_windows(draw: Draw) -> None:
    for case in draw(properties.max_pool2d().cases("maximum of several windows", {})):
        windows = sliding(case)
        assert np.bincount(windows[windows >= 0]).max() > 1, case


@pytest.mark.parametrize("name", ["max_pool1d", "max_pool2d", "avg_pool2d", "avg_pool3d"])
def test_no_entry_is_in_more_windows_than_counted(name: str, draw: Draw) -> None:
    reached = 0
    cases = _all(getattr(properties, name)(), draw)
    for case in cases:
        windows = sliding(case)
        most = np.bincount(windows[windows >= 0]).max()
        assert most <= most_covering(case), case
        reached += most == most_covering(case)
    assert reached > len(cases) // 2


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_divisors_are_those_of_torch(axes: int, draw: Draw) -> None:
    for case in _all(getattr(properties, f"avg_pool{axes}d")(), draw):
        x = torch.ones(1, 1, *case.shape("x")[2:], dtype=torch.float64)
        average = getattr(torch.nn.functional, f"avg_pool{axes}d")
        mean = average(x, **case.config).numpy().ravel()
        entries = (sliding(case) >= 0).sum(axis=1)
        seen = {int(d) for d in np.rint(entries / mean)}
        assert seen == divisors(case), case
        assert common(case) == np.lcm.reduce(list(seen))
        assert largest_share(case) == 1 / min(seen)


def _ones(case: Case, name: str) -> Any:
    shape = case.shapes[name]
    return None if shape is None else np.ones(shape)


@pytest.mark.parametrize("name", ["conv2d", "linear", "avg_pool2d", "global_avg_pool2d", "prelu"])
def test_sums_are_as_long_as_counted_at_most(name: str, draw: Draw) -> None:
    """With ones all over, a sum of so many products times 1 is at most their number."""
    spec: Spec = getattr(properties, name)()
    form = spec.form
    assert isinstance(form, Multilinear)
    assert spec.oracle is not None
    reached = dict.fromkeys(("output", *spec.inputs), False)
    for case in _all(spec, draw, 3):
        inputs = {key: _ones(case, key) for key in spec.inputs}
        if name == "prelu":
            inputs["x"] = -inputs["x"]
        output, pullback = spec.oracle(case.config).pull(**inputs)
        counts = form.counts(case)
        sums = {"output": output, **pullback(np.ones(output.shape))}
        for key, values in sums.items():
            if values is not None:
                largest = form.coefficient(case) * counts[key]
                assert np.abs(values).max() <= largest * (1 + 1e-12), (key, case)
                reached[key] |= bool(np.isclose(np.abs(values).max(), largest))
    assert all(reached.values())


def test_a_dyadic_slope_is_on_the_lattice_and_another_is_not() -> None:
    form = properties.leaky_relu().form
    assert isinstance(form, Multilinear)
    for slope, divisor, steepest, count in (
        (0.5, 2, 1, 1),
        (0.01, 1, 1, 1),
        (-0.25, 4, 1, 1),
        (0.0, 1, 1, 1),
        (2.5, 2, 2.5, 3),
        (2.0**-10, 1024, 1, 1),
        (2.0**-11, 1, 1, 1),
    ):
        case = Case.from_dict({"config": {"negative_slope": slope}})
        assert form.divisor(case) == divisor
        assert form.coefficient(case) == steepest
        assert form.counts(case) == {"output": count, "x": count}
