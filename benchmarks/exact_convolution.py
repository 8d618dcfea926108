"""Exact verification of one convolution, beside torch.autograd.gradcheck, fast and slow.

Both check all gradients of a 2x3x8x8 input under 4 kernels of 3x3 in float64; ratios of medians
over alternating turns of twenty runs, one thread each.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from gradcheck import exact
from gradcheck.case import Case
from gradcheck.centre import Centre
from gradcheck.config import Config
from gradcheck.lattice import draw
from gradcheck.registry import load_layer, load_spec
from gradcheck.spec import Multilinear
from gradcheck.trial import Trial

CONFIG = Config(stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)
SHAPES = {"x": (2, 3, 8, 8), "weight": (4, 3, 3, 3), "bias": (4,), "output": (2, 4, 8, 8)}
RUNS, SLOW_RUNS = 20, 5


def ours() -> None:
    case = Case(config=CONFIG, shapes=SHAPES)
    form = SPEC.form
    assert isinstance(form, Multilinear)
    trial = Trial(LAYER, case, spec=SPEC)
    lattice = draw(SPEC, form, case, np.random.default_rng(0), fractional=False)
    assert lattice is not None
    centre = Centre.of(trial.pull, lattice, case.dtype)
    result = exact.probe(trial.pull, centre, form, form.counts(case), 1.0, case.dtype)
    assert result.holds
    assert result.miss is not None
    assert result.miss <= 1e-6


def theirs(fast: bool) -> Callable[[], None]:
    arrays = tuple(
        torch.randn(SHAPES[n], dtype=torch.float64, requires_grad=True)
        for n in ("x", "weight", "bias")
    )

    def check() -> None:
        def f(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.conv2d(x, w, b, padding=1)

        assert torch.autograd.gradcheck(f, arrays, fast_mode=fast)

    return check


def seconds(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    torch.set_num_threads(1)
    LAYER, SPEC = load_layer("conv2d")[0], load_spec("conv2d")
    fast, slow = theirs(True), theirs(False)
    for warm in (ours, fast):
        warm()
    # In turns of twenty: in practice neither runs once, between runs of the other.
    turns = [[[seconds(call) for _ in range(20)] for call in (ours, fast)] for _ in range(RUNS)]
    mine = statistics.median(t for turn in turns for t in turn[0])
    quick = statistics.median(t for turn in turns for t in turn[1])
    whole = statistics.median(seconds(slow) for _ in range(SLOW_RUNS))
    print(f"this engine, exact       {mine * 1e3:8.3f} ms")
    print(f"torch gradcheck, fast    {quick * 1e3:8.3f} ms   ratio {mine / quick:.3f} (<= 0.5)")
    print(f"torch gradcheck, slow    {whole * 1e3:8.3f} ms   ratio {mine / whole:.4f} (<= 0.02)")
