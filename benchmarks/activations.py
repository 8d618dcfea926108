"""Activations, forward plus backward, beside torch's on the processor, at one thread and at two.

Images (64, 128, 14, 14): 1.6 million entries, more than a cache holds. The two sides take turns and
the fastest turn of each counts. What is aimed at: at most 2.5 times torch's time at one thread; a
line that misses says so. NumPy's functions have one thread, so the ratio at two is for information.

How it is done, and what was tried (nanoseconds for an entry in float32 on a processor with AVX-512;
a product takes 0.1, exp 0.4):

- One operation after the other over whole arrays: each result is written to memory and read again.
  In blocks of 128 KiB, which stay in the cache: half the time.
- numpy.where on random signs: 3.4, since the processor guesses each branch and is wrong half of the
  time; a product with a mask as `where=`: 5.5; the choice by bits in `_choice`: 0.6. Best is no
  choice at all: max(x, 0) + a min(x, 0), or E / (1 + E) on both sides of the sigmoid.
- Steps in place (`y /= 1 + y`) and the last one into the result: a sixth less than with an array
  for each step.
- Exponentials kept from the forward: as slow as working them out again, because of memory. Where
  value and slope share more than one (silu, gelu, tanhshrink), both are worked out in the forward
  and the slope is kept: a third less.
- The polynomials of the normal distribution's tail by Horner's rule, two calls a step: 2.6. As one
  product of matrices, coefficients times powers: 1.0, with the powers. In float32 a quotient of
  degrees 4 and 4 is exact enough, in float64 it takes 10 and 11.

What misses is gelu with erf, in float32 2.4 to 3 times torch's time: twenty calls of NumPy for each
block, where torch takes one pass and a shorter polynomial that loses every digit in the lower tail
(docs/accuracy.md). log_softmax takes 2.2 to 2.8: it looks for the largest entry, which it treats
apart from the others and torch does not (15 % of its time), and goes six times over arrays that no
cache holds. Sample by sample, in the cache, is no faster: 64 times as many calls. At the limit, 2.0
to 2.5, are hardswish, tanh and glu.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import gradcheck.reference
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from _turns import fastest, geometric_mean

LIMIT = 2.5
SECONDS = 0.3
"""Each cell is measured for so long, at each number of threads."""
SHAPE = (64, 128, 14, 14)


class Activation(NamedTuple):
    """A layer's name and settings; torch's function has both as well."""

    name: str
    settings: dict[str, Any]

    @property
    def title(self) -> str:
        said = ", ".join(f"{key}={value}" for key, value in self.settings.items())
        return f"{self.name}({said})" if said else self.name


ACTIVATIONS = [
    Activation(name, settings)
    for name, settings in (
        ("relu", {}), ("leaky_relu", {}), ("prelu", {}), ("relu6", {}), ("hardtanh", {}),
        ("hardsigmoid", {}), ("hardswish", {}), ("hardshrink", {}), ("softshrink", {}),
        ("threshold", {"threshold": 0.1, "value": 20.0}), ("elu", {}), ("celu", {"alpha": 0.5}),
        ("selu", {}), ("sigmoid", {}), ("logsigmoid", {}), ("tanh", {}), ("tanhshrink", {}),
        ("softsign", {}), ("softplus", {}), ("silu", {}), ("mish", {}),
        ("gelu", {"approximate": "none"}), ("gelu", {"approximate": "tanh"}), ("glu", {"dim": 1}),
        ("softmax", {"dim": 1}), ("softmin", {"dim": -1}), ("log_softmax", {"dim": 1}),
    )
]  # fmt: skip


def sides(activation: Activation, dtype: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return ours and torch's, as functions that go forward and back."""
    name, settings = activation
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(SHAPE).astype(dtype)]
    inputs += [np.full(SHAPE[1], 0.25, dtype)] * (name == "prelu")
    layer, function = getattr(gradcheck.reference, name), getattr(F, name)
    dy = rng.standard_normal(layer.forward(*inputs, **settings)[0].shape).astype(dtype)
    leaves = [torch.tensor(array, requires_grad=True) for array in inputs]
    cotangent = torch.tensor(dy)

    def ours() -> object:
        return layer.backward(dy, layer.forward(*inputs, **settings)[1])

    def theirs() -> object:
        return torch.autograd.grad(function(*leaves, **settings), leaves, cotangent)

    return ours, theirs


def cell(activation: Activation, dtype: str) -> tuple[float, float, float, float]:
    """Return the seconds of ours and torch's at one thread, then at two."""
    ours, theirs = sides(activation, dtype)
    torch.set_num_threads(1)
    one = fastest(ours, theirs, seconds=SECONDS)
    torch.set_num_threads(2)
    two = fastest(ours, theirs, seconds=SECONDS, clock=time.perf_counter)
    return one[0], one[1], two[0], two[1]


def main() -> None:
    cell(ACTIVATIONS[0], "float64")  # the first call of each side also gets its memory
    ratios = []
    print(f"{'layer':36} {'dtype':8} {'ours':>9} {'torch':>9} ratio  at two threads")
    for activation in ACTIVATIONS:
        for dtype in ("float32", "float64"):
            ours, theirs, *two = cell(activation, dtype)
            ratios.append(ours / theirs)
            missed = "  too slow" if ratios[-1] > LIMIT else ""
            print(
                f"{activation.title:36} {dtype:8} {1e3 * ours:6.2f} ms {1e3 * theirs:6.2f} ms "
                f"{ratios[-1]:5.2f}  {two[0] / two[1]:5.2f}{missed}",
                flush=True,
            )
    mean, worst = geometric_mean(ratios), max(ratios)
    print(f"geometric mean {mean:.2f}, worst {worst:.2f}; at most {LIMIT} is aimed at")


if __name__ == "__main__":
    main()
