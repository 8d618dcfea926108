"""The contracts of convolution and transposed convolution, along one to three axes."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from gradcheck.spec import Multilinear, Spec

from . import _arithmetic, _convolution_plans, _patterns
from ._torch_oracle import TorchFunction
from ._windows import most_covering

if TYPE_CHECKING:
    from gradcheck.case import Case

INPUTS = ("x", "weight", "bias")
TERMS = (("x", "weight"), ("bias",))

NUMBERS = {1: "one", 2: "two", 3: "three"}

PLANS = {axes: _convolution_plans.convolution(axes) for axes in NUMBERS}
TRANSPOSED = {axes: _convolution_plans.transposed(axes) for axes in NUMBERS}


def conv1d() -> Spec:
    """Return the contract of ``torch.nn.functional.conv1d``."""
    return _convolution(1)


def conv2d() -> Spec:
    """Return the contract of ``torch.nn.functional.conv2d``."""
    return _convolution(2)


def conv3d() -> Spec:
    """Return the contract of ``torch.nn.functional.conv3d``."""
    return _convolution(3)


def conv_transpose1d() -> Spec:
    """Return the contract of ``torch.nn.functional.conv_transpose1d``."""
    return _transposed(1)


def conv_transpose2d() -> Spec:
    """Return the contract of ``torch.nn.functional.conv_transpose2d``."""
    return _transposed(2)


def conv_transpose3d() -> Spec:
    """Return the contract of ``torch.nn.functional.conv_transpose3d``."""
    return _transposed(3)


def _convolution(axes: int) -> Spec:
    return Spec(
        name=f"conv{axes}d",
        inputs=INPUTS,
        form=Multilinear(terms=TERMS, counts=_counts),
        cases=PLANS[axes].cases,
        classes=PLANS[axes].config_classes(),
        oracle=TorchFunction(name=f"torch.nn.functional.conv{axes}d", inputs=INPUTS),
        optional=("bias",),
        pattern=_patterns.convolution,
        facts=_arithmetic.convolution,
        summary=f"{NUMBERS[axes]}-dimensional convolution: stride, padding, dilation, groups",
    )


def _transposed(axes: int) -> Spec:
    return Spec(
        name=f"conv_transpose{axes}d",
        inputs=INPUTS,
        form=Multilinear(terms=TERMS, counts=_transposed_counts),
        cases=TRANSPOSED[axes].cases,
        classes=TRANSPOSED[axes].config_classes(),
        oracle=TorchFunction(name=f"torch.nn.functional.conv_transpose{axes}d", inputs=INPUTS),
        optional=("bias",),
        pattern=_patterns.transposed_convolution,
        facts=_arithmetic.transposed_convolution,
        summary=f"{NUMBERS[axes]}-dimensional transposed convolution, output_padding",
    )


def _counts(case: Case) -> dict[str, int]:
    """Count the products in one entry of the output and of each gradient, at most."""
    fan_out, fan_in, *kernel = case.shape("weight")
    batch, _, *out = case.shape("output")
    return {
        "output": fan_in * prod(kernel) + 1,
        "x": fan_out // case.config["groups"] * prod(kernel),
        "weight": batch * prod(out),
        "bias": batch * prod(out),
    }


def _transposed_counts(case: Case) -> dict[str, int]:
    """Count them where each entry of x is spread over a window."""
    fan_in, fan_out, *kernel = case.shape("weight")
    batch, _, *windows = case.shape("x")
    return {
        "output": fan_in // case.config["groups"] * most_covering(case) + 1,
        "x": fan_out * prod(kernel),
        "weight": batch * prod(windows),
        "bias": batch * prod(case.shape("output")[2:]),
    }
