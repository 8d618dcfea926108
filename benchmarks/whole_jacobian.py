"""The whole Jacobian of a convolution against its backward, beside torch's slow gradcheck.

4096 inputs and 4096 outputs, 8 to 8 channels, 3x3, with respect to input, weight and bias, float64,
one thread each. Memory is the growth of the process's peak while this engine runs.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from gradcheck import jacobian, rows
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.lattice import draw
from gradcheck.registry import load_layer, load_spec
from gradcheck.spec import Multilinear
from gradcheck.trial import Trial

CASE = Case(
    config=Config(stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1),
    shapes={"x": (1, 8, 16, 32), "weight": (8, 8, 3, 3), "bias": (8,), "output": (1, 8, 16, 32)},
)
RUNS = 5


def ours() -> int:
    """Compare every entry; return how many there are."""
    spec = load_spec("conv2d")
    form = spec.form
    assert isinstance(form, Multilinear)
    trial = Trial(load_layer("conv2d")[0], CASE, spec=spec)
    lattice = draw(spec, form, CASE, trial.rng("lattice"), fractional=False)
    assert lattice is not None
    whole = jacobian.on_lattice(trial, lattice, form)
    assert whole.exact
    pull, weights = trial.pull(whole.inputs)[1], lattice.floats(CASE.dtype)
    weights[weights == 0] = lattice.step
    for row in rows.pulled(whole, pull, weights):
        assert np.array_equal(row.backward, row.differences)
    return sum(block.pattern.size for block in whole.blocks.values())


def slow() -> None:
    arrays = tuple(
        torch.randn(CASE.shape(n), dtype=torch.float64, requires_grad=True)
        for n in ("x", "weight", "bias")
    )

    def f(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv2d(x, w, b, padding=1)

    assert torch.autograd.gradcheck(f, arrays, fast_mode=False)


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def peak() -> float:
    """Return the peak of the process's memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    torch.set_num_threads(1)
    before = peak()
    entries = ours()
    added = peak() - before
    mine = statistics.median(seconds(ours) for _ in range(RUNS))
    theirs = seconds(slow)
    print(f"this engine, {entries} entries    {mine * 1e3:9.1f} ms   {added:.0f} MB added (<= 200)")
    print(f"torch gradcheck, slow          {theirs * 1e3:9.1f} ms")
    print(f"ratio {mine / theirs:.4f} (<= 0.1)")
