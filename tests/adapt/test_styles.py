"""Layers in the styles of public code: understood, and right or wrong as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict
from gradcheck.infer import Inferred, infer, oracle_of
from gradcheck.infer.point import draw
from gradcheck.registry import load_spec
from gradcheck.target import load

STYLES = Path(__file__).parent / "styles"

LAYERS: dict[str, tuple[str, ...]] = {
    "linear dense": (
        "WeightsGiven", "Dicts", "InitialisedWithOptimiser", "LearningRate", "ListOfGradients",
        "ResultsInAttributes", "SetUp", "AddsUp", "OneSample", "Descent", "made", "instance",
        "RowOfBias",
    ),
    "conv2d windows": ("ChannelsLast", "OneChannel", "TrueConvolution", "ShapeOfKernels"),
    "max_pool2d windows": ("Divides",),
    "relu pointwise": ("Mask", "relu", "taped_relu"),
    "sigmoid pointwise": ("nonlin", "Gradient"),
    "linear frameworks": ("Linear", "Module"),
    "linear contexts": ("Affine", "Product"),
    "relu contexts": ("Rectify",),
    "leaky_relu contexts": ("Leaky",),
}  # fmt: skip

PAIRS = (
    ("linear", "dense", "fc_forward", "fc_backward"),
    ("linear", "dense", "linear_forward", "linear_backward"),
    ("linear", "dense", "affine_forward", "affine_backward"),
    ("conv2d", "windows", "conv_forward", "conv_backward"),
    ("linear", "contexts", "product_forward", "product_backward"),
    ("sigmoid", "pointwise", "sigmoid", "sigmoid_prime"),
    ("sigmoid", "pointwise", "sigmoid", "sigmoid_derivative"),
)

SAYS = {
    "WeightsGiven": "kernels IO",
    "Dicts": "parameters made by the first forward",
    "InitialisedWithOptimiser": "set up by initialize",
    "LearningRate": "gradients in the change of the parameters",
    "ListOfGradients": "returned[1][0]",
    "ResultsInAttributes": "the output in .output",
    "SetUp": "divided by the batch",
    "AddsUp": "add up until they are cleared",
    "OneSample": "one sample at a time",
    "Descent": "with the sign of a descent",
    "ChannelsLast": "data NHWC",
    "ShapeOfKernels": "padding said by a word",
    "RowOfBias": "bias of shape (1, C)",
    "OneChannel": "data HW->HWC",
    "TrueConvolution": "true convolution",
    "relu": "y, back = f(x)",
    "taped_relu": "home-made autograd of Tensor",
    "nonlin": "the derivative alone, taken of y",
    "Gradient": "the derivative alone, taken of x",
    "Affine": "a context shared by forward(ctx, ...) and backward(ctx, dy)",
    "Product": "a context shared by forward(ctx, ...) and backward(ctx, dy)",
    "Rectify": "a context shared by forward(ctx, ...) and backward(ctx, dy)",
    "Leaky": "a context shared by forward(ctx, ...) and backward(ctx, dy)",
    "Linear": "a torch.autograd.Function",
    "Module": "a torch.nn.Module",
}


def _targets() -> list[Any]:
    return [
        pytest.param(*where.split(), name, id=name)
        for where, names in LAYERS.items()
        for name in names
    ]


def _wrong(name: str) -> str:
    return f"{name}_wrong" if name[0].islower() else f"{name}Wrong"


def understood(spec: str, module: str, name: str, backward: str = "") -> Inferred:
    contract = load_spec(spec)
    path = STYLES / f"{module}.py"
    back = load(f"{path}:{backward}") if backward else None
    return infer(load(f"{path}:{name}"), contract, oracle_of(contract), backward=back)


def judged(spec: str, layer: Inferred) -> Verdict:
    """Check at one point of the part of the contract that the layer knows."""
    contract = load_spec(spec)
    oracle = oracle_of(contract)
    point = draw(contract, oracle, layer.fixed, narrow=layer.narrow)
    rng = np.random.default_rng(1)
    inputs: Any = {
        n: None if a is None else rng.standard_normal(a.shape) for n, a in point.inputs.items()
    }
    inputs["x"] = np.concatenate([inputs["x"], inputs["x"] + 0.5])
    report = gradcheck.check(layer, config=point.config, against=oracle, **inputs)
    return report.verdict


# Half a minute for all of them.
pytestmark = pytest.mark.environment


@pytest.mark.parametrize(("spec", "module", "name"), _targets())
def test_a_layer_of_this_style_passes_and_what_is_assumed_is_named(
    spec: str, module: str, name: str
) -> None:
    if module == "frameworks":
        pytest.importorskip("torch")
    layer = understood(spec, module, name)
    assert judged(spec, layer) is Verdict.PASS
    assert SAYS.get(name, "") in " ".join(layer.assumed)


@pytest.mark.parametrize(("spec", "module", "name"), _targets())
def test_a_wrong_layer_of_this_style_fails(spec: str, module: str, name: str) -> None:
    if module == "frameworks":
        pytest.importorskip("torch")
    assert judged(spec, understood(spec, module, _wrong(name))) is Verdict.FAIL


@pytest.mark.parametrize(("spec", "module", "forward", "backward"), PAIRS)
def test_a_pair_of_functions_of_this_style(
    spec: str, module: str, forward: str, backward: str
) -> None:
    assert judged(spec, understood(spec, module, forward, backward)) is Verdict.PASS
    wrong = backward.replace("derivative", "prime") + "_wrong"
    assert judged(spec, understood(spec, module, forward, wrong)) is Verdict.FAIL
