"""The arithmetic of a kernel that slides: sizes, parameters, receptive field, multiply-adds.

With size n, padding p, kernel k, dilation d and stride s on each axis,

    out = floor((n + 2 p - d (k - 1) - 1) / s) + 1,

an output sees ``d (k - 1) + 1`` positions of the input, a layer of g groups has
``C_out (C_in / g) k_h k_w`` weights (and C_out biases), and takes as many multiply-adds, biases
apart, for each position of the output of each sample. Of stacked layers the receptive field is
``1 + sum of (reach - 1) * (product of the strides before)``. A transposed layer undoes the sizes,

    out = (n - 1) s - 2 p + d (k - 1) + 1 + output_padding,

and takes its multiply-adds for each position of the input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from math import prod
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.case import Case

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def convolution(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what is worth knowing of a convolution's config."""
    weight, output = case.shape("weight"), case.shape("output")
    yield from window(case, weight[2:])
    yield "parameters", _parameters(case)
    adds = prod(output) * prod(weight[1:])
    yield "multiply-adds", f"{_times(output)} outputs * {_times(weight[1:])} products = {adds}"


def transposed_convolution(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what is worth knowing of a transposed convolution's config."""
    config, weight, x = case.config, case.shape("weight"), case.shape("x")
    for axis, name in enumerate(AXES[len(weight) - 2]):
        n, k, out = x[2 + axis], weight[2 + axis], case.shape("output")[2 + axis]
        s, p, d = (config[key][axis] for key in ("stride", "padding", "dilation"))
        extra = config["output_padding"][axis]
        yield name, f"({n} - 1) * {s} - 2 * {p} + {d} * ({k} - 1) + 1 + {extra} = {out}"
    yield "parameters", _parameters(case)
    adds = prod(x) * prod(weight[1:])
    yield "multiply-adds", f"{_times(x)} inputs * {_times(weight[1:])} products = {adds}"


def pooling(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what is worth knowing of a pool's config."""
    yield from window(case, case.config["kernel_size"])


def window(case: Case, kernel: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Yield the output's size along each axis, and what an output sees."""
    config, size = case.config, case.shape("x")[2:]
    dilation = config.get("dilation", (1,) * len(kernel))
    padding = config.get("padding", (0,) * len(kernel))
    rounding = "ceil" if config.get("ceil_mode") else "floor"
    for axis, name in enumerate(AXES[len(kernel)]):
        n, k, d = size[axis], kernel[axis], dilation[axis]
        s, p = config["stride"][axis], padding[axis]
        out = case.shape("output")[2 + axis]
        yield name, f"{rounding}(({n} + 2 * {p} - {d} * ({k} - 1) - 1) / {s}) + 1 = {out}"
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
    yield "sees", f"{' x '.join(map(str, reach))} positions of the input"


def receptive_field(layers: Iterable[tuple[int, int]]) -> int:
    """Return how many positions an output of stacked layers sees along one axis.

    Parameters
    ----------
    layers : iterable of pairs of int
        Reach ``d (k - 1) + 1`` and stride of each layer, the first one first.

    >>> receptive_field([(3, 1), (3, 1)]), receptive_field([(3, 2), (3, 1)])
    (5, 7)
    """
    reaches, strides = zip(*layers, strict=True)
    jumps = accumulate((1, *strides[:-1]), mul)
    field: int = 1 + sum((r - 1) * jump for r, jump in zip(reaches, jumps, strict=True))
    return field


def _parameters(case: Case) -> str:
    weight, bias = case.shape("weight"), case.shapes.get("bias")
    total = prod(weight) + (bias[0] if bias else 0)
    return f"{_times(weight)}{f' + {bias[0]}' if bias else ''} = {total}"


def _times(extents: tuple[int, ...]) -> str:
    return " * ".join(map(str, extents))
