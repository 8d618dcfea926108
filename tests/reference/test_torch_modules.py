"""Every convolution, pooling, padding and activation module of torch has a layer, or a reason."""

from __future__ import annotations

import gradcheck.reference
import numpy as np
import pytest
import torch
from gradcheck.reference import leaky_relu, softmax
from torch.nn.modules import activation, conv, padding, pooling

MODULES = [name for kind in (conv, pooling, activation, padding) for name in kind.__all__]

OTHER_NAMES = {
    **{name: name.removeprefix("Lazy") for name in conv.__all__ if name.startswith("Lazy")},
    **dict.fromkeys(padding.__all__, "pad"),
    "Softmax2d": "softmax",
}
"""Modules that are a layer here under another name, or with one setting."""

REASONS = {
    "FractionalMaxPool2d": "draws its windows inside the layer, so no case replays",
    "FractionalMaxPool3d": "draws its windows inside the layer, so no case replays",
    "MultiheadAttention": "linear layers, a softmax and products put together: no one activation",
    "RReLU": "draws its slopes inside the layer; in evaluation it is leaky_relu of their mean",
}


def plain(name: str) -> str:
    return name.replace("_", "").lower()


HERE = {plain(name) for name in gradcheck.reference.__all__}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_layer_or_a_reason(name: str) -> None:
    here = plain(OTHER_NAMES.get(name, name)) in HERE
    assert here + (name in REASONS) == 1


def test_nothing_is_excused_that_torch_has_not() -> None:
    assert {*OTHER_NAMES, *REASONS} <= set(MODULES)


def test_softmax_2d_is_softmax_over_channels() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    expected = torch.nn.Softmax2d()(torch.tensor(x)).numpy()
    assert np.abs(softmax.forward(x, dim=-3)[0] - expected).max() <= 4 * np.finfo(float).eps


def test_rrelu_in_evaluation_is_leaky_relu() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    expected = torch.nn.RReLU(0.25, 0.75).eval()(torch.tensor(x)).numpy()
    assert np.array_equal(leaky_relu.forward(x, negative_slope=0.5)[0], expected)
