"""Pools, forward plus backward, beside torch's on the processor, at one thread.

The two sides take turns, the fastest turn of each counts, and by the processor's own clock, since
others may use the machine. What is aimed at: at most 2.5 times torch's time. A line that misses
says so; the last shape is so small that only the calls of NumPy are timed, and is not counted.

How it is done, and what was tried (milliseconds in float32, 3 x 3 windows of stride 1 on images
(16, 32, 28, 28); torch takes 9 for the maximum and 6 for the mean):

- All entries of the kernel held against the best so far, choosing with masks: 36. A mask that
  follows the data is guessed wrong by the processor half of the time.
- One pass along each axis, since a window is a box, with np.maximum, which is vectorised, and what
  was chosen as a small integer, again by np.maximum: 5.
- The mean in one pass along each axis, without room for the padding: 3.
- The way back from the maxima: np.add.at on flat places takes a tenth of masks for each entry.

- The adaptive maximum along one axis after the other, by argmax: 2.5 to 4 times torch's time, most
  of it spent on short rows. Each window laid out flat, with one argmax over it: 0.6 to 1.5 times.
  Of many windows on few and small images the loop is what is left, up to 20 times torch's 0.1.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable
from typing import Any, NamedTuple

import gradcheck.reference
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from _turns import fastest, geometric_mean

LIMIT = 2.5
SECONDS = 0.6
"""Each cell is measured for so long."""


class Shape(NamedTuple):
    """Images (N, C, ...) and the settings of the pools."""

    layers: tuple[str, ...]
    images: tuple[int, ...]
    settings: dict[str, Any]
    counted: bool = True


POOLS = ("max_pool", "avg_pool")
ADAPTIVE = ("adaptive_max_pool", "adaptive_avg_pool")
SHAPES = (
    Shape(POOLS, (8, 64, 56, 56), {"kernel_size": 2}),
    Shape(POOLS, (8, 64, 112, 112), {"kernel_size": 3, "stride": 2, "padding": 1}),
    Shape(POOLS, (16, 32, 28, 28), {"kernel_size": 3, "stride": 1, "padding": 1}),
    Shape(POOLS, (16, 64, 1024), {"kernel_size": 4, "stride": 2, "padding": 1}),
    Shape(POOLS, (2, 16, 16, 28, 28), {"kernel_size": 2}),
    Shape(("lp_pool",), (8, 64, 56, 56), {"norm_type": 2.0, "kernel_size": 2}),
    Shape(ADAPTIVE, (8, 256, 14, 14), {"output_size": 1}),
    Shape(ADAPTIVE, (8, 64, 30, 30), {"output_size": 7}),
    Shape(POOLS, (2, 3, 8, 8), {"kernel_size": 2}, counted=False),
)


def sides(name: str, shape: Shape, dtype: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return ours and torch's, as functions that go forward and back."""
    function = f"{name}{len(shape.images) - 2}d"
    x = np.random.default_rng(0).standard_normal(shape.images).astype(dtype)
    layer, pool = getattr(gradcheck.reference, function), getattr(F, function)
    dy = np.random.default_rng(1).standard_normal(layer.forward(x, **shape.settings)[0].shape)
    dy = dy.astype(dtype)
    leaf, cotangent = torch.tensor(x, requires_grad=True), torch.tensor(dy)

    def ours() -> object:
        return layer.backward(dy, layer.forward(x, **shape.settings)[1])

    def theirs() -> object:
        return torch.autograd.grad(pool(leaf, **shape.settings), leaf, cotangent)

    return ours, theirs


def main() -> None:
    torch.set_num_threads(1)
    ratios = []
    print(f"{'layer':24} {'images':22} {'dtype':8} {'ours':>9} {'torch':>9} ratio")
    for shape in SHAPES:
        for name in shape.layers:
            for dtype in ("float32", "float64"):
                ours, theirs = fastest(*sides(name, shape, dtype), seconds=SECONDS)
                ratio = ours / theirs
                ratios += [ratio] * shape.counted
                size = "x".join(map(str, shape.images))
                missed = " too slow" if shape.counted and ratio > LIMIT else ""
                print(
                    f"{name + str(len(shape.images) - 2) + 'd':24} {size:22} {dtype:8} "
                    f"{1e3 * ours:6.2f} ms {1e3 * theirs:6.2f} ms {ratio:5.2f}{missed}"
                )
    mean, worst = geometric_mean(ratios), max(ratios)
    print(f"geometric mean {mean:.2f}, worst {worst:.2f}; at most {LIMIT} is aimed at")


if __name__ == "__main__":
    main()
