"""The contracts of convolution with any border: padding by name, by pairs, and its mode."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from gradcheck.spec import Multilinear, Spec

from . import _patterns
from ._bordered_plans import bordered, sides
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case

INPUTS = ("x", "weight", "bias")

PLANS = {axes: bordered(axes) for axes in (1, 2, 3)}


def padded_conv1d() -> Spec:
    """Return the contract of `torch.nn.Conv1d` with its border, and of pairs of places."""
    return _bordered(1)


def padded_conv2d() -> Spec:
    """Return the contract of `torch.nn.Conv2d` with its border, and of pairs of places."""
    return _bordered(2)


def padded_conv3d() -> Spec:
    """Return the contract of `torch.nn.Conv3d` with its border, and of pairs of places."""
    return _bordered(3)


def _bordered(axes: int) -> Spec:
    return Spec(
        name=f"padded_conv{axes}d",
        inputs=INPUTS,
        form=Multilinear(terms=(("x", "weight"), ("bias",)), counts=_counts),
        cases=PLANS[axes].cases,
        classes=PLANS[axes].config_classes(),
        oracle=TorchFunction(name=f"{__package__}._borders.convolution", inputs=INPUTS),
        optional=("bias",),
        pattern=_patterns.bordered_convolution,
        summary=f"conv{axes}d with padding by name or by pairs, of zeros, mirrored or repeated",
    )


def _counts(case: Case) -> dict[str, int]:
    """Count the products in one entry of the output and of each gradient, at most.

    An entry of x may be read by each place beside it as well as by its own.
    """
    (fan_out, fan_in, *kernel), (batch, _, *out) = case.shape("weight"), case.shape("output")
    config = case.config
    around = sides(config["padding"], tuple(kernel), config["dilation"])
    copies = 1 if config["padding_mode"] == "zeros" else prod(1 + sum(side) for side in around)
    return {
        "output": fan_in * prod(kernel) + 1,
        "x": fan_out // config["groups"] * prod(kernel) * copies,
        "weight": batch * prod(out),
        "bias": batch * prod(out),
    }
