"""The power that a report states is what its evidence would have shown: injected errors tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradcheck import Verdict, adapt
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.power import best_sight
from gradcheck.registry import load_layer, load_spec

Array = npt.NDArray[Any]

WINDOW = {"kernel_size": (2, 2), "stride": (2, 1), "padding": (0, 0)}
CASES: dict[str, Case] = {
    "conv2d": Case(
        config=Config(stride=(2, 1), padding=(1, 0), dilation=(1, 1), groups=1),
        shapes={"x": (2, 2, 5, 4), "weight": (3, 2, 3, 2), "bias": (3,), "output": (2, 3, 3, 3)},
    ),
    "linear": Case(shapes={"x": (3, 5), "weight": (4, 5), "bias": (4,), "output": (3, 4)}),
    "avg_pool2d": Case(
        config=Config(
            **WINDOW, ceil_mode=False, count_include_pad=True, divisor_override=None
        ),
        shapes={"x": (2, 3, 4, 5), "output": (2, 3, 2, 4)},
    ),
    "relu": Case(shapes={"x": (4, 6), "output": (4, 6)}),
    "leaky_relu": Case(config=Config(negative_slope=0.01), shapes={"x": (9,), "output": (9,)}),
    "prelu": Case(shapes={"x": (2, 3, 4), "weight": (3,), "output": (2, 3, 4)}),
    "elu": Case(config=Config(alpha=1.0), shapes={"x": (4, 6), "output": (4, 6)}),
    "sigmoid": Case(shapes={"x": (5, 7), "output": (5, 7)}),
    "tanh": Case(shapes={"x": (40, 20), "output": (40, 20)}),
    "softmax": Case(config=Config(dim=-1), shapes={"x": (3, 7), "output": (3, 7)}),
    "hardtanh": Case(
        config=Config(min_val=-1.0, max_val=1.0), shapes={"x": (4, 6), "output": (4, 6)}
    ),
    "max_pool2d": Case(
        config=Config(**WINDOW, dilation=(1, 1), ceil_mode=False),
        shapes={"x": (2, 3, 4, 5), "output": (2, 3, 2, 4)},
    ),
    "conv_transpose1d": Case(
        config=Config(stride=(2,), padding=(1,), dilation=(1,), groups=1, output_padding=(0,)),
        shapes={"x": (2, 3, 4), "weight": (3, 2, 3), "bias": (2,), "output": (2, 2, 7)},
    ),
}  # fmt: skip

STEEPEST = {"elu": 1.0, "sigmoid": 0.25, "tanh": 1.0, "softmax": 1.0}
"""Largest derivatives: a drawn point may be in the tails alone."""


class Injected:
    """A layer with an error in one entry of one gradient, of a size relative to the largest."""

    def __init__(self, layer: Any, wrt: str, size: float, seed: int, steep: float = 0.0) -> None:
        self.layer, self.wrt, self.error, self.seed = layer, wrt, size, seed
        self.steep = steep
        self.name, self.inputs = layer.name, layer.inputs

    def __call__(self, config: Mapping[str, Any]) -> Any:
        return _Configured(self, self.layer(config))


class _Configured:
    def __init__(self, injected: Injected, configured: Any) -> None:
        self.injected, self.configured = injected, configured

    def pull(self, **inputs: Array | None) -> Any:
        output, pullback = self.configured.pull(**inputs)

        def spoilt(cotangent: Array) -> Any:
            gradients = dict(pullback(cotangent))
            gradient = gradients[self.injected.wrt].copy()
            place = np.random.default_rng(self.injected.seed).integers(gradient.size)
            steep = self.injected.steep * np.max(np.abs(cotangent))
            error = self.injected.error * max(np.max(np.abs(gradient)), steep)
            # The next power of two, so that on the lattice the error is one of whole units.
            gradient.flat[place] += 2.0 ** np.ceil(np.log2(error) - 1e-9)
            return {**gradients, self.injected.wrt: gradient}

        return output, spoilt


def outcome(layer: Any, name: str, case: Case, *, oracle: bool) -> Outcome:
    spec = load_spec(name)
    asked = spec.oracle if oracle else None
    checks = ("differences", "oracle")
    return examine(Subject(layer=layer, spec=spec, oracle=asked, checks=checks), case)


@pytest.mark.parametrize("oracle", [True, False], ids=["oracle", "alone"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_an_error_of_twice_the_stated_size_is_caught(name: str, dtype: str, oracle: bool) -> None:
    layer = load_layer(name)[0]
    for seed in range(2):
        case = Case(config=CASES[name].config, shapes=CASES[name].shapes, dtype=dtype, seed=seed)
        stated = best_sight(outcome(layer, name, case, oracle=oracle).evidence)
        assert {wrt for wrt, _ in stated} == set(CASES[name].shapes) - {"output"}
        for (wrt, _), power in stated.items():
            spoilt = Injected(layer, wrt, 2 * power, seed, STEEPEST.get(name, 0) if oracle else 0)
            found = outcome(spoilt, name, case, oracle=oracle)
            assert found.verdict is not Verdict.PASS, (wrt, power, seed)


@pytest.mark.parametrize("name", CASES)
def test_an_error_of_a_hundredth_is_not_claimed(name: str) -> None:
    layer, case = load_layer(name)[0], CASES[name]
    for (wrt, _), power in best_sight(outcome(layer, name, case, oracle=True).evidence).items():
        found = outcome(Injected(layer, wrt, power / 100, 0), name, case, oracle=True)
        if found.verdict is Verdict.PASS:
            assert best_sight(found.evidence)[wrt, "float64"] > power / 100


def unit_rows() -> adapt.Functional:
    """Return rows divided by their length: each entry talks to its row."""

    def forward(x: Array) -> tuple[Array, Any]:
        size = np.sqrt((x * x).sum(-1, keepdims=True))
        return x / size, (x / size, size)

    def backward(dy: Array, cache: Any) -> Any:
        y, size = cache
        return (dy - y * (dy * y).sum(-1, keepdims=True)) / size

    return adapt.functional(forward, backward, inputs=("x",))


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((4, 5), "float64"), ((12, 30), "float64"), ((4, 30), "float32")],
    ids=["entries", "a line", "whole"],
)
def test_what_a_spec_does_not_know_is_stated_as_well(shape: tuple[int, int], dtype: str) -> None:
    layer, x = unit_rows(), np.random.default_rng(5).normal(size=shape).astype(dtype)
    for seed in range(5):
        case = Case(shapes={"x": shape}, given={"x": x}, dtype=dtype, seed=seed)
        right = examine(Subject(layer=layer, checks=("differences",)), case)
        assert right.verdict is not Verdict.FAIL
        power = best_sight(right.evidence)["x", dtype]
        spoilt = Subject(layer=Injected(layer, "x", 2 * power, seed), checks=("differences",))
        assert examine(spoilt, case).verdict is not Verdict.PASS


@pytest.mark.parametrize("name", ["conv2d", "linear", "avg_pool2d", "relu", "sigmoid", "tanh"])
def test_the_oracle_gives_sight_of_a_billionth(name: str) -> None:
    found = outcome(load_layer(name)[0], name, CASES[name], oracle=True)
    assert all(power <= 1e-9 for power in best_sight(found.evidence).values())
