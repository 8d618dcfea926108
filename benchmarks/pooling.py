"""Pools, forward plus backward, beside torch's on the processor, at one thread and at two.

The two sides take turns and the fastest turn of each counts. What is aimed at: at most 2.5 times
torch's time at one thread; a line that misses says so. NumPy's functions have one thread, so the
ratio at two is for information. The last two shapes are so small that only the calls are timed, and
are not counted.

How it is done, and what was tried (milliseconds in float32, 3 x 3 windows of stride 1 on images
(16, 32, 28, 28); torch takes 9 for the maximum and 6 for the mean):

- All entries of the kernel held against the best so far, choosing with masks: 36. A mask that
  follows the data is guessed wrong by the processor half of the time.
- One pass along each axis, since a window is a box, with np.maximum, which is vectorised, and what
  was chosen as a small integer, again by np.maximum: 5.
- The mean in one pass along each axis, without room for the padding: 3.
- The way back from the maxima: np.add.at on flat places takes a tenth of masks for each entry.

- The adaptive maximum along one axis after the other, by argmax: 2.5 to 4 times torch's time, most
  of it spent on short rows. A loop over windows, each laid out flat: 0.6 to 1.5 times, but up to 18
  of many windows on few and small images. All windows laid out flat by one numpy.take, which an
  index in brackets takes four times as long as: 0.8 to 1.5 times, whatever their number.
"""

from __future__ import annotations

import os
import time

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
SECONDS = 0.4
"""Each cell is measured for so long, at each number of threads."""


class Shape(NamedTuple):
    """Images (N, C, ...) and the settings of the pools."""

    layers: tuple[str, ...]
    images: tuple[int, ...]
    settings: dict[str, Any]
    counted: bool = True


DTYPES = ("float32", "float64")
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
    Shape(ADAPTIVE, (2, 4, 12, 12), {"output_size": 12}, counted=False),
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


def cell(name: str, shape: Shape, dtype: str) -> tuple[float, float, float, float]:
    """Return the seconds of ours and torch's at one thread, then at two."""
    ours, theirs = sides(name, shape, dtype)
    torch.set_num_threads(1)
    one = fastest(ours, theirs, seconds=SECONDS)
    torch.set_num_threads(2)
    two = fastest(ours, theirs, seconds=SECONDS, clock=time.perf_counter)
    return one[0], one[1], two[0], two[1]


def main() -> None:
    cells = [(s, name, dtype) for s in SHAPES for name in s.layers for dtype in DTYPES]
    cell(POOLS[0], SHAPES[0], DTYPES[0])  # the first call of each side also gets its memory
    ratios = []
    print(f"{'layer':20} {'images':16} {'dtype':8} {'ours':>9} {'torch':>9} ratio  at two threads")
    for shape, name, dtype in cells:
        ours, theirs, *two = cell(name, shape, dtype)
        ratio, size = ours / theirs, "x".join(map(str, shape.images))
        ratios += [ratio] * shape.counted
        missed = "  too slow" if shape.counted and ratio > LIMIT else ""
        print(
            f"{name + str(len(shape.images) - 2) + 'd':20} {size:16} {dtype:8} "
            f"{1e3 * ours:6.2f} ms {1e3 * theirs:6.2f} ms {ratio:5.2f}  "
            f"{two[0] / two[1]:5.2f}{missed}",
            flush=True,
        )
    mean, worst = geometric_mean(ratios), max(ratios)
    print(f"geometric mean {mean:.2f}, worst {worst:.2f}; at most {LIMIT} is aimed at")


if __name__ == "__main__":
    main()
