"""A network is one map: its whole gradient is one gradient check, and it is torch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from gradcheck.reference import (
    Layer,
    Sequential,
    avg_pool2d,
    conv2d,
    dropout,
    flatten,
    linear,
    max_pool2d,
    relu,
    sigmoid,
    tanh,
)
from gradcheck.reference._types import Array

import gradcheck
from gradcheck import Verdict
from gradcheck.report import LayerReport


def network(**changed: Layer) -> Sequential:
    """Return a small network, some of its layers exchanged for wrong ones."""
    layers = {
        "conv1": conv2d.layer().settled(padding=1),
        "bend1": tanh.layer(),
        "pool": avg_pool2d.layer().settled(kernel_size=2),
        "conv2": conv2d.layer(),
        "bend2": sigmoid.layer(),
        "flat": flatten.layer(),
        "out": linear.layer(),
    }
    assert changed.keys() <= layers.keys()
    return Sequential(**(layers | changed))


def parameters(seed: int = 0) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    shapes = {
        "conv1.weight": (2, 1, 2, 2), "conv1.bias": (2,), "conv2.weight": (2, 2, 1, 2),
        "conv2.bias": (2,), "out.weight": (1, 2), "out.bias": (1,),
    }  # fmt: skip
    return {name: 0.5 * rng.standard_normal(shape) for name, shape in shapes.items()}


def images(seed: int = 1) -> Array:
    return np.random.default_rng(seed).standard_normal((2, 1, 2, 3))


def check(wrong: Sequential) -> LayerReport:
    given: dict[str, Any] = parameters()
    return gradcheck.check(wrong, x=images(), **given)


def test_the_gradient_of_a_network_is_one_gradient_check() -> None:
    report = check(network())
    report.raise_for_verdict()
    assert {"x", *parameters()} <= {comparison.wrt for comparison in report.comparisons}


def spoilt(layer: Layer, how: Callable[[Any], Any]) -> Layer:
    """Return a layer whose backward is changed."""
    return layer._replace(backward=lambda dy, cache: how(layer.backward(dy, cache)))


WRONG = {
    "bend1": spoilt(tanh.layer(), lambda dx: -dx),
    "bend2": spoilt(sigmoid.layer(), lambda dx: dx * (1 + 1e-6)),
    "pool": spoilt(avg_pool2d.layer().settled(kernel_size=2), lambda dx: 2 * dx),
    "flat": spoilt(flatten.layer(), lambda dx: dx[::-1].copy()),
    "out": spoilt(linear.layer(), lambda found: (found[0], found[1], found[2] / 2)),
    "conv2": spoilt(conv2d.layer(), lambda found: (found[0], found[1][::-1].copy(), found[2])),
    "conv1": spoilt(
        conv2d.layer().settled(padding=1), lambda found: (found[0], found[1] * 1.001, found[2])
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_wrong_layer_makes_the_network_fail(name: str) -> None:
    report = check(network(**{name: WRONG[name]}))
    assert report.verdict is Verdict.FAIL
    assert report.failures[0].wrt in ("x", *parameters())


class Reversed(Sequential):
    """Pulls back through the layers in the order of the forward."""

    def backward(self, dy: Array, cache: Any) -> Any:
        return super().backward(dy, cache[::-1])


def test_a_wrong_order_fails() -> None:
    square = Sequential(a=linear.layer(), bend=tanh.layer(), b=linear.layer())
    wrong = Reversed(**square.layers)
    rng = np.random.default_rng(0)
    given: dict[str, Any] = {
        n: rng.standard_normal((3, 3) if "weight" in n else 3) for n in square.parameters
    }
    x = rng.standard_normal((3, 3))
    assert gradcheck.check(square, x=x, **given).verdict is Verdict.PASS
    assert gradcheck.check(wrong, x=x, **given).verdict is Verdict.FAIL


def test_it_is_torchs_network() -> None:
    torchs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 2, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(2, 2, (1, 2)), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(2, 1),
    ).double()  # fmt: skip
    # Integers, few enough that nothing rounds: equality is demanded.
    rng = np.random.default_rng(0)
    whole = {n: rng.integers(-4, 5, a.shape).astype(float) for n, a in parameters().items()}
    for parameter, array in zip(torchs.parameters(), whole.values(), strict=True):
        parameter.data = torch.tensor(array)
    x, dy = rng.integers(-9, 10, (2, 1, 2, 3)).astype(float), rng.integers(-9, 10, (2, 1))
    leaf = torch.tensor(x, requires_grad=True)
    expected = torchs(leaf)
    expected.backward(torch.tensor(dy.astype(float)))

    mine = network(
        bend1=relu.layer(), bend2=relu.layer(), pool=max_pool2d.layer().settled(kernel_size=2)
    )
    y, cache = mine.forward(x, whole)
    dx, gradients = mine.backward(dy.astype(float), cache)

    assert np.array_equal(expected.detach().numpy(), y)
    assert leaf.grad is not None
    assert np.array_equal(leaf.grad.numpy(), dx)
    assert list(gradients) == list(whole) == list(mine.parameters)
    for parameter, gradient in zip(torchs.parameters(), gradients.values(), strict=True):
        assert parameter.grad is not None
        assert np.array_equal(parameter.grad.numpy(), gradient)


def test_what_differs_from_call_to_call_is_a_setting() -> None:
    dropped = Sequential(drop=dropout.layer(), out=linear.layer())
    weight, mask = np.ones((1, 2)), np.array([[1, 0]])
    y, cache = dropped.forward(np.ones((1, 2)), {"out.weight": weight}, {"drop.mask": mask})
    dx, gradients = dropped.backward(np.ones((1, 1)), cache)
    assert np.array_equal([[2.0]], y)
    assert np.array_equal([[2.0, 0.0]], dx)
    assert list(gradients) == ["out.weight"]  # no bias was given
    given: dict[str, Any] = {"out.weight": weight, "config": {"drop.mask": [[1, 0]]}}
    report = gradcheck.check(dropped, x=np.ones((1, 2)), **given)
    report.raise_for_verdict()


def test_a_network_needs_a_layer() -> None:
    with pytest.raises(ValueError, match="needs a layer"):
        Sequential()


@pytest.mark.parametrize(
    ("given", "settings", "message"),
    [
        ({"out.wieght": np.ones((1, 2))}, {}, "no parameter 'out.wieght'.*out.weight, out.bias"),
        ({}, {"drop.mask": 1}, "no layer with the setting 'drop.mask'.*there are out"),
        ({}, {}, "weight is a NoneType"),
    ],
)
def test_a_name_that_is_not_known_is_refused(
    given: dict[str, Array], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Sequential(out=linear.layer()).forward(np.ones((1, 2)), given, settings)
