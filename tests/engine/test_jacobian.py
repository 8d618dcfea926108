from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis.strategies import SearchStrategy

from gradcheck import adapt, columns, jacobian, residual, rows
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.exact import NotOfDegree
from gradcheck.jacobian import Jacobian
from gradcheck.lattice import Lattice, draw
from gradcheck.registry import load_layer, load_spec
from gradcheck.residual import Uncovered
from gradcheck.spec import Multilinear, Spec
from gradcheck.trial import Trial

Array = npt.NDArray[Any]


def no_cases(target: str, fixed: Mapping[str, Any]) -> SearchStrategy[Case]:
    raise NotImplementedError


def lattice_of(trial: Trial) -> tuple[Lattice, Multilinear]:
    assert trial.spec is not None
    form = trial.linear_form
    assert form is not None
    lattice = draw(trial.spec, form, trial.case, trial.rng("lattice"), fractional=False)
    assert lattice is not None
    return lattice, form


def exact(trial: Trial) -> Jacobian:
    return jacobian.on_lattice(trial, *lattice_of(trial))


# A banded matrix: y_i = a_i x_i + b_i x_{i+1}.
MATRIX = np.diag(np.arange(1.0, 7)) + np.diag(np.arange(2.0, 7), 1)
BAND = Multilinear(terms=(("x",),), counts=lambda case: {"output": 16, "x": 16})
SHAPES = {"x": (6,), "output": (6,)}


def banded(places: Array | None = None) -> Spec:
    """Return a spec that offers these places for its geometry, or none."""

    def offered(_: Case) -> dict[str, tuple[Array, Array]]:
        assert places is not None
        found = np.argwhere(places)
        return {"x": (found[:, 0], found[:, 1])}

    return Spec(
        name="band", inputs=("x",), form=BAND, cases=no_cases, classes=(), oracle=None,
        no_oracle_because="a test", pattern=None if places is None else offered,
    )  # fmt: skip


def band(
    matrix: Array = MATRIX,
    claimed: Array = MATRIX,
    spec: Spec | None = None,
    dtype: str = "float64",
) -> Trial:
    layer = adapt.functional(
        lambda x: ((matrix @ x).astype(x.dtype), None),
        lambda dy, _: (claimed.T @ dy).astype(dy.dtype),
        inputs=("x",),
    )
    return Trial(layer, Case(shapes=SHAPES, dtype=dtype), spec=spec or banded(MATRIX != 0))


def dense(whole: Jacobian, name: str = "x") -> Array:
    block = whole.blocks[name]
    return block.pattern.dense(block.values)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("spec", [banded(MATRIX != 0), banded()], ids=["geometry", "probing"])
def test_the_matrix_of_a_linear_map_is_found_exactly(spec: Spec, dtype: str) -> None:
    whole = exact(band(spec=spec, dtype=dtype))
    assert np.array_equal(dense(whole), MATRIX)
    assert whole.exact
    assert whole.miss is not None
    assert whole.miss <= 1e-6


def test_at_a_point_every_entry_lies_within_its_bar() -> None:
    block = jacobian.at_point(band(spec=banded())).blocks["x"]
    assert block.bars is not None
    off = np.abs(block.values - MATRIX[block.pattern.rows, block.pattern.columns])
    assert np.all(off <= block.bars)
    assert block.widest < 1e-9


MISSING = {
    "of an entry beside another": (0, 1),
    "of an entry whose column has no other": (0, 0),
    "of the last entry": (5, 5),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_pattern_that_lacks_an_entry_is_caught(name: str) -> None:
    places = MATRIX != 0
    places[MISSING[name]] = False
    trial = band(spec=banded(places))
    lattice, _ = lattice_of(trial)
    offered = jacobian.geometry(trial, "x", 6)
    assert offered is not None
    block = columns.on_lattice(lambda x: trial.pull({"x": x})[0], lattice, "x", offered,
                                        "float64")  # fmt: skip
    with pytest.raises(Uncovered, match="from geometry, lacks an entry") as caught:
        residual.on_lattice(lambda x: trial.pull({"x": x})[0], lattice, "x", block,
                                     "float64", np.random.default_rng(0))  # fmt: skip
    assert caught.value.index == MISSING[name][:1]


def test_a_geometry_that_is_not_the_forwards_is_replaced_by_probing() -> None:
    whole = exact(band(spec=banded(np.eye(6) != 0)))
    assert whole.blocks["x"].pattern.source == "probing"
    assert np.array_equal(dense(whole), MATRIX)
    assert exact(band()).blocks["x"].pattern.source == "geometry"


def test_a_pattern_that_lacks_an_entry_is_caught_by_bars_as_well() -> None:
    places = np.eye(6) != 0
    trial = band(np.eye(6) + 1e-6 * (MATRIX != 0), spec=banded(places))
    x, reach = trial.point.inputs["x"], trial.point.reach["x"]
    assert x is not None
    offered = jacobian.geometry(trial, "x", 6)
    assert offered is not None
    forward = trial.forward64("x")
    block = columns.certified(forward, x, reach, offered)
    with pytest.raises(Uncovered):
        residual.certified(forward, x, -0.5 * reach * np.arange(1, 7), "x", block)


def wrong_entries(trial: Trial, whole: Jacobian) -> list[tuple[int, int, float, float]]:
    lattice, _ = lattice_of(trial)
    pull, weights = trial.pull(whole.inputs)[1], lattice.floats(trial.case.dtype)
    weights[weights == 0] = 1
    found = []
    for row in rows.pulled(whole, pull, weights):
        for column in np.flatnonzero(np.abs(row.backward - row.differences) > row.bar):
            guilty, said, true = rows.guilty(whole, pull, row, int(column))
            found.append((guilty, int(column), said, true))
    return found


@pytest.mark.parametrize("place", [(0, 0), (2, 3), (5, 0), (0, 5)])
def test_a_wrong_entry_is_found_in_and_out_of_the_pattern(place: tuple[int, int]) -> None:
    claimed = MATRIX.copy()
    claimed[place] += 2.0**-30
    trial = band(claimed=claimed)
    assert wrong_entries(trial, exact(trial)) == [(*place, claimed[place], MATRIX[place])]


def test_a_right_backward_has_no_wrong_entry() -> None:
    trial = band()
    assert wrong_entries(trial, exact(trial)) == []


CASES: dict[str, Case] = {
    "conv2d": Case(
        config=Config(stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2),
        shapes={"x": (2, 4, 5, 6), "weight": (6, 2, 3, 2), "bias": (6,), "output": (2, 6, 3, 4)},
    ),
    "padded_conv2d": Case(
        config=Config(stride=2, padding=((1, 2), (2, 0)), dilation=1, groups=1,
                      padding_mode="reflect"),
        shapes={"x": (1, 2, 4, 5), "weight": (2, 2, 2, 3), "bias": (2,), "output": (1, 2, 3, 3)},
    ),
    "padded_conv1d": Case(
        config=Config(stride=1, padding="same", dilation=2, groups=2, padding_mode="zeros"),
        shapes={"x": (2, 2, 5), "weight": (4, 1, 2), "bias": None, "output": (2, 4, 5)},
    ),
    "linear": Case(shapes={"x": (3, 4), "weight": (2, 4), "bias": None, "output": (3, 2)}),
    "max_pool2d": Case(
        config=Config(kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 1),
                      ceil_mode=True),
        shapes={"x": (1, 2, 6, 5), "output": (1, 2, 4, 4)},
    ),
    "avg_pool2d": Case(
        config=Config(kernel_size=(3, 1), stride=(2, 1), padding=(1, 0), ceil_mode=False,
                      count_include_pad=False, divisor_override=None),
        shapes={"x": (1, 2, 6, 5), "output": (1, 2, 3, 5)},
    ),
    "global_avg_pool2d": Case(shapes={"x": (2, 2, 3, 5), "output": (2, 2, 1, 1)}),
    "global_max_pool2d": Case(shapes={"x": (2, 2, 3, 5), "output": (2, 2, 1, 1)}),
    "relu": Case(shapes={"x": (2, 3), "output": (2, 3)}),
    "leaky_relu": Case(config=Config(negative_slope=0.01), shapes={"x": (5,), "output": (5,)}),
    "prelu": Case(shapes={"x": (2, 3, 2), "weight": (3,), "output": (2, 3, 2)}),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_every_entry_of_a_layer_that_ships_is_right(name: str, dtype: str) -> None:
    layer, spec_name, _ = load_layer(name)
    trial = Trial(layer, replace(CASES[name], dtype=dtype), spec=load_spec(spec_name))
    whole = exact(trial)
    assert {b.pattern.source for b in whole.blocks.values()} == {"geometry"}
    assert whole.exact or name in ("leaky_relu", "avg_pool2d", "global_avg_pool2d")
    lattice, _ = lattice_of(trial)
    pull, weights = trial.pull(whole.inputs)[1], lattice.floats(dtype)
    weights[weights == 0] = lattice.step
    seen = 0
    for row in rows.pulled(whole, pull, weights):
        off = np.abs(row.backward - row.differences)
        assert np.all(
            off <= row.bar + 2.0 ** (-18 if dtype == "float32" else -48) * abs(row.differences)
        )
        seen += int(np.count_nonzero(row.differences))
    assert seen


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "elu", "selu"])
def test_an_element_wise_layer_has_a_diagonal(name: str) -> None:
    config = Config(alpha=1.0) if name == "elu" else Config()
    case = Case(config=config, shapes={"x": (3, 4), "output": (3, 4)})
    layer, _, _ = load_layer(name)
    trial = Trial(layer, case, spec=load_spec(name))
    block = jacobian.at_point(trial).blocks["x"]
    assert np.array_equal(block.pattern.rows, np.arange(12))
    assert block.widest < 1e-9


def test_a_forward_that_is_not_affine_is_told() -> None:
    layer = adapt.functional(lambda x: (x**3, x), lambda dy, x: 3 * x**2 * dy, inputs=("x",))
    spec = banded(np.eye(6) != 0)
    form = Multilinear(terms=(("x",),), counts=lambda case: {"output": 2**30, "x": 2**30})
    trial = Trial(layer, Case(shapes=SHAPES), spec=replace(spec, form=form))
    with pytest.raises(NotOfDegree, match="degree 1"):
        exact(trial)
