"""conv2d, forward plus backward, beside torch's convolution on the processor.

Eight shapes in float64 and float32, at one thread and at two. The two sides take turns and the
fastest turn of each counts: at one thread by the processor's own clock, since others may use the
machine, at two by the wall's. Beside the ratio stands the share of this machine's matrix-product
peak, which is that of a square product of 1024, measured in the same turns.

What is aimed at, depthwise convolution apart: in float64 torch's time at the geometric mean and
twice that at the worst; in float32 1.6 and 3.5 times, depthwise 10 times; on the third shape twice
torch's memory. A line that misses says so.

How it is done, and what was tried (milliseconds in float32 at one thread, third shape, the bare
products 50 forwards and 110 backwards, 39 each at the peak):

- All columns at once, in new memory, multiplied sample by sample: 380 in all. Half of it is page
  faults and columns that fall out of the cache.
- Columns in blocks of half a million entries, laid out in one buffer: the copying falls to 10
  beside a product of 50. Smaller blocks slow the products down where there are 256 channels.
- The sum over kernel offsets of products with shifted images, without columns: 73 forwards, against
  63. Each offset reads and writes the whole output once more, and its products are shallow.
- The gradient of x by col2im: 38 for the adding up alone. As a correlation with the rotated kernel,
  10: only for stride 1, and not where there are far fewer inputs than outputs.

Both limits are kept at one thread and at two. On a machine of two cores the geometric means were
0.93 in float64 and 1.12 in float32 at one thread, 0.77 and 0.88 at two; the worst 1.17, 2.29, 1.73
and 2.51 ("small", whose 5 ms the copying of columns half fills); memory 0.6 of torch's.

In float64 torch has no kernel of its own for this processor, and takes columns as well; in float32
it has, and reaches 150 to 190 Gflop/s where NumPy's product does 160 at best.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

THREADS = ("1", "2")
DTYPES = ("float64", "float32")
SECONDS = 1.5
TURNS = 3
"""Each cell is measured for so long, and for so many turns at least."""

LIMITS = {"float64": (1.0, 2.0), "float32": (1.6, 3.5)}
"""Geometric mean and worst of the ratios."""

DEPTHWISE = 10.0
MEMORY = 2.0


class Shape(NamedTuple):
    """Images (N, C, H, W), number of kernels, and the settings."""

    images: tuple[int, int, int, int]
    outputs: int
    kernel: int
    stride: int = 1
    padding: int = 1
    dilation: int = 1
    groups: int = 1

    @property
    def config(self) -> dict[str, int]:
        names = ("stride", "padding", "dilation", "groups")
        return {name: getattr(self, name) for name in names}


SHAPES = {
    "tiny": Shape((2, 3, 8, 8), 4, 3),
    "small": Shape((8, 16, 32, 32), 32, 3),
    "wide": Shape((32, 64, 56, 56), 64, 3),
    "deep": Shape((16, 256, 14, 14), 256, 3),
    "first layer": Shape((8, 3, 224, 224), 64, 7, stride=2, padding=3),
    "dilated": Shape((8, 64, 28, 28), 64, 3, padding=2, dilation=2),
    "1x1": Shape((8, 64, 56, 56), 128, 1, padding=0),
    "depthwise": Shape((8, 64, 56, 56), 64, 3, groups=64),
}
MEASURED = "wide"
"""The shape whose memory counts."""


def arrays(shape: Shape, dtype: str) -> tuple[Any, ...]:
    """Draw x, weight, bias and a cotangent."""
    import numpy as np

    rng = np.random.default_rng(0)
    _, channels, *size = shape.images
    reach = shape.dilation * (shape.kernel - 1) + 1
    out = [(n + 2 * shape.padding - reach) // shape.stride + 1 for n in size]
    kernels = (shape.outputs, channels // shape.groups, shape.kernel, shape.kernel)
    extents = (shape.images, kernels, (shape.outputs,), (shape.images[0], shape.outputs, *out))
    return tuple(rng.standard_normal(extent).astype(dtype) for extent in extents)


def ours(shape: Shape, dtype: str) -> Callable[[], Any]:
    from gradcheck.reference import conv2d

    *inputs, dy = arrays(shape, dtype)

    def both() -> Any:
        _, cache = conv2d.forward(*inputs, **shape.config)
        return conv2d.backward(dy, cache)

    return both


def torchs(shape: Shape, dtype: str) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    *inputs, dy = (torch.from_numpy(a) for a in arrays(shape, dtype))
    leaves = [a.requires_grad_() for a in inputs]

    def both() -> Any:
        return torch.autograd.grad(torch.conv2d(*leaves, **shape.config), leaves, dy)

    return both


def square(dtype: str) -> Callable[[], Any]:
    import numpy as np

    matrix = np.random.default_rng(0).standard_normal((1024, 1024)).astype(dtype)
    return lambda: matrix @ matrix


def fastest(calls: list[Callable[[], Any]]) -> list[float]:
    """Return the seconds of the fastest turn of each call, taken by turns."""
    clock = time.process_time if os.environ["OMP_NUM_THREADS"] == "1" else time.perf_counter
    for call in calls:
        call()
    repeats = [max(1, int(0.01 / seconds(call, 1, time.perf_counter))) for call in calls]
    best, start, turns = [math.inf] * len(calls), time.perf_counter(), 0
    while turns < TURNS or time.perf_counter() - start < SECONDS:
        best = [
            min(b, seconds(call, n, clock)) for b, call, n in zip(best, calls, repeats, strict=True)
        ]
        turns += 1
    return best


def seconds(call: Callable[[], Any], times: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(times):
        call()
    return (clock() - start) / times


def products(shape: Shape) -> int:
    """Count the operations of forward and both gradients: 6 for each product of the forward."""
    _, weight, _, dy = arrays(shape, "float32")
    return 6 * int(dy.size) * math.prod(weight.shape[1:])


def table(dtype: str) -> None:
    """Print the times of a dtype, and whether they are within the limits."""
    ratios = {}
    for name, shape in SHAPES.items():
        us, them, peak = fastest([ours(shape, dtype), torchs(shape, dtype), square(dtype)])
        ratios[name] = us / them
        share = products(shape) / us * peak / (2 * 1024**3)
        print(
            f"  {dtype}  {name:12s} torch {them * 1e3:9.3f} ms   ours {us * 1e3:9.3f} ms   "
            f"ratio {us / them:5.2f}   {share:4.0%} of the peak",
            flush=True,
        )
    depthwise = ratios.pop("depthwise")
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    told = zip(
        ("geometric mean", "worst"), (mean, max(ratios.values())), LIMITS[dtype], strict=True
    )
    for what, value, limit in told:
        print(f"  {dtype}  {what} {verdict(value, limit)}")
    if dtype == "float32":
        print(f"  {dtype}  depthwise {verdict(depthwise, DEPTHWISE)}")


def verdict(value: float, limit: float) -> str:
    return f"{value:.2f}, {'within' if value <= limit else 'MISSES'} {limit}"


def resident() -> int:
    """Return the bytes in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def peak_memory(side: str, dtype: str) -> int:
    """Return the most bytes in memory, inputs included, beyond what the libraries take."""
    make = {"ours": ours, "torch": torchs}[side]
    make(SHAPES["tiny"], dtype)()
    before = resident()
    make(SHAPES[MEASURED], dtype)()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before


def here(*arguments: str, threads: str) -> str:
    """Run this script in a process of its own, with so many threads."""
    numbers = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    answer = subprocess.run(
        [sys.executable, __file__, *arguments], env={**os.environ, **numbers},
        check=True, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return answer.stdout


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--table", choices=DTYPES)
    parser.add_argument("--memory", choices=("ours", "torch"))
    arguments = parser.parse_args()
    if arguments.table:
        table(arguments.table)
    elif arguments.memory:
        print(peak_memory(arguments.memory, "float32"))
    else:
        for threads in THREADS:
            print(f"threads: {threads}")
            for dtype in DTYPES:
                print(here("--table", dtype, threads=threads), end="", flush=True)
        us, them = (int(here("--memory", side, threads="1")) for side in ("ours", "torch"))
        told = f"torch {them / 2**20:.0f} MiB, ours {us / 2**20:.0f} MiB"
        print(f"memory, {MEASURED}, float32: {told}, ratio {verdict(us / them, MEMORY)}")


if __name__ == "__main__":
    main()
