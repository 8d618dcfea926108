from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis.strategies import SearchStrategy

from gradcheck import adapt, exact
from gradcheck.bounds import EXACT
from gradcheck.case import Case
from gradcheck.centre import Centre
from gradcheck.lattice import Lattice, draw
from gradcheck.spec import Multilinear, Spec
from gradcheck.trial import Trial

Array = npt.NDArray[Any]


def no_cases(target: str, fixed: Mapping[str, Any]) -> SearchStrategy[Case]:
    raise NotImplementedError


FORM = Multilinear(
    terms=(("x", "weight"), ("bias",)),
    counts=lambda case: {"output": 5, "x": 3, "weight": 2, "bias": 2},
)
SPEC = Spec(
    name="affine", inputs=("x", "weight", "bias"), form=FORM, cases=no_cases, classes=(),
    oracle=None, no_oracle_because="a test",
)  # fmt: skip
SHAPES = {"x": (2, 4), "weight": (3, 4), "bias": (3,), "output": (2, 3)}


def forward(x: Array, weight: Array, bias: Array) -> tuple[Array, tuple[Array, Array]]:
    return x @ weight.T + bias, (x, weight)


def backward(dy: Array, cache: tuple[Array, Array]) -> tuple[Array, Array, Array]:
    x, weight = cache
    return dy @ weight, dy.T @ x, dy.sum(0)


def probe(
    forward: Callable[..., Any], backward: Callable[..., Any], dtype: str, *, fractional: bool
) -> tuple[exact.Probe, Lattice]:
    case = Case(shapes=SHAPES, dtype=dtype, seed=3)
    trial = Trial(adapt.functional(forward, backward), case, spec=SPEC)
    lattice = draw(SPEC, FORM, case, np.random.default_rng(0), fractional=fractional)
    assert lattice is not None
    centre = Centre.of(trial.pull, lattice, dtype)
    result = exact.probe(trial.pull, centre, FORM, FORM.counts(case), 1.0, dtype)
    return result, lattice


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("fractional", [False, True])
def test_a_right_backward_is_equal_on_the_lattice(dtype: str, fractional: bool) -> None:
    result, lattice = probe(forward, backward, dtype, fractional=fractional)
    assert result.holds
    assert EXACT is result.bound
    assert 1 / lattice.values == result.miss


def test_one_balanced_probe_in_float64_misses_less_than_once_in_a_million() -> None:
    result, _ = probe(forward, backward, "float64", fractional=False)
    assert result.miss is not None
    assert result.miss <= 1e-6


WRONG: dict[str, Callable[..., tuple[Array, Array, Array]]] = {
    "float32 buffer": lambda dy, c: (
        (dy.astype("f4") @ c[1].astype("f4")).astype(dy.dtype), dy.T @ c[0], dy.sum(0)),
    "float16 bias": lambda dy, c: (
        dy @ c[1], dy.T @ c[0], dy.astype("f2").sum(0).astype(dy.dtype)),
    "one unit off": lambda dy, c: (dy @ c[1] + np.eye(2, 4), dy.T @ c[0], dy.sum(0)),
    "transposed sign": lambda dy, c: (dy @ c[1], -dy.T @ c[0], dy.sum(0)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_backward_is_unequal(name: str) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        result, _ = probe(forward, WRONG[name], "float64", fractional=False)
    assert not result.holds


def test_truncation_to_integers_shows_on_sixteenths() -> None:
    def truncated(dy: Array, cache: tuple[Array, Array]) -> tuple[Array, ...]:
        return backward(np.trunc(dy), cache)

    assert probe(forward, truncated, "float64", fractional=False)[0].holds
    assert not probe(forward, truncated, "float64", fractional=True)[0].holds


def test_a_forward_of_another_degree_is_no_failure() -> None:
    def cubed(x: Array, weight: Array, bias: Array) -> tuple[Array, Any]:
        return (x @ weight.T + bias) * np.sign(x.sum()) * x[:, :1], (x, weight)

    with pytest.raises(exact.NotOfDegree, match="degree 2"):
        probe(cubed, backward, "float64", fractional=True)


def test_a_kink_within_reach_is_noticed() -> None:
    def kinked(x: Array, weight: Array, bias: Array) -> tuple[Array, Any]:
        return np.abs(x @ weight.T + bias), (x, weight)

    with pytest.raises(exact.NotOfDegree):
        probe(kinked, backward, "float64", fractional=False)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("fractional", [False, True])
def test_nothing_on_the_lattice_exceeds_the_mantissa(dtype: str, fractional: bool) -> None:
    _, lattice = probe(forward, backward, dtype, fractional=fractional)
    most = 2 ** {"float64": 53, "float32": 24}[dtype]
    sizes = {n: abs(a) + 2 * abs(lattice.tangent[n]) for n, a in lattice.point.items()}
    assert np.max(sizes["x"] @ sizes["weight"].T + sizes["bias"]) <= most
    assert np.max(abs(lattice.cotangent) @ sizes["weight"]) <= most
    assert np.max(abs(lattice.cotangent).T @ sizes["x"]) <= most
