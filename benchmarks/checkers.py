"""This engine beside the checkers in use, on the same functions and shapes.

Each time is in units of one forward and backward of the layer under test, in float64, one thread.
That one is timed in turns with this engine's check, as in a network, where other layers run
between; over and over in a loop of its own a small layer takes down to a third of it: see the
second line.
A checker is left out at sizes where it would take more than about twenty seconds ("-"), or for a
function that it has not ("no").

    python benchmarks/checkers.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

import importlib.util
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from gradcheck import exact
from gradcheck.bounds import MISS_PROBABILITY
from gradcheck.case import Case
from gradcheck.centre import Centre
from gradcheck.checks import certified
from gradcheck.config import Config
from gradcheck.lattice import draw
from gradcheck.registry import load_layer, load_spec
from gradcheck.spec import Multilinear
from gradcheck.trial import Trial

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
LIMIT = 20.0
"""Seconds."""

CONV = Config(stride=(1, 1), padding=(1, 1), dilation=(1, 1), groups=1)


def case_of(kind: str, n: int) -> Case:
    """Return a case whose input has about n entries."""
    if kind == "conv2d":
        side = max(3, round((n / 4) ** 0.5))
        x, out = (1, 4, side, side), (1, 8, side, side)
        shapes = {"x": x, "weight": (8, 4, 3, 3), "bias": (8,), "output": out}
        return Case(config=CONV, shapes=shapes)
    if kind == "linear":
        rows = max(1, n // 64)
        return Case(
            shapes={"x": (rows, 64), "weight": (32, 64), "bias": (32,), "output": (rows, 32)}
        )
    return Case(shapes={"x": (n,), "output": (n,)})


def exactly(trial: Trial) -> None:
    form, case, spec = trial.linear_form, trial.case, trial.spec
    assert isinstance(form, Multilinear)
    assert spec is not None
    lattice = draw(spec, form, case, trial.rng("lattice"), fractional=False)
    assert lattice is not None
    counts, centre = form.counts(case), Centre.of(trial.pull, lattice, case.dtype)
    found = exact.probe(trial.pull, centre, form, counts, 1.0, case.dtype)
    assert found.holds
    # In float64 one tangent is enough.
    assert found.miss is not None
    assert found.miss <= MISS_PROBABILITY


def certifiedly(trial: Trial) -> None:
    for finding in certified.check(trial):
        assert type(finding).__name__ != "Failure", finding


def torch_check(kind: str, arrays: list[Any], fast: bool) -> None:
    f = {
        "conv2d": lambda x, w, b: torch.nn.functional.conv2d(x, w, b, padding=1),
        "linear": torch.nn.functional.linear,
        "relu": torch.relu,
        "tanh": torch.tanh,
    }[kind]
    tensors = tuple(torch.tensor(a, requires_grad=True) for a in arrays)
    torch.autograd.gradcheck(f, tensors, fast_mode=fast)


def loop(layer: Any, case: Case, inputs: dict[str, Any]) -> None:
    """Move one entry after the other by 1e-6, as every course teaches."""
    configured = layer(case.config)
    output, pullback = configured.pull(**inputs)
    u = np.random.default_rng(0).standard_normal(output.shape)
    gradients = pullback(u)
    for name, array in inputs.items():
        for index in np.ndindex(array.shape):
            old, sides = array[index], []
            for step in (1e-6, -1e-6):
                array[index] = old + step
                sides.append(configured.pull(**inputs)[0])
            array[index] = old
            slope = float(np.vdot(u, sides[0] - sides[1])) / 2e-6
            assert abs(slope - gradients[name][index]) < 1e-3 * max(1.0, abs(slope))


def jax_check(kind: str, arrays: list[Any]) -> None:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    f = {
        "linear": lambda x, w, b: x @ w.T + b,
        "relu": lambda x: jax.numpy.maximum(x, 0),
        "tanh": jax.numpy.tanh,
        "conv2d": lambda x, w, b: jax.lax.conv(x, w, (1, 1), "SAME") + b[:, None, None],
    }[kind]
    check_grads(f, tuple(map(jax.numpy.asarray, arrays)), order=1, modes=("rev",))


def autograd_check(kind: str, arrays: list[Any]) -> None:
    import autograd.numpy as anp
    from autograd.test_util import check_grads

    f = {"linear": lambda x, w, b: anp.dot(x, w.T) + b, "relu": lambda x: anp.maximum(x, 0),
         "tanh": anp.tanh}[kind]  # fmt: skip
    check_grads(f, modes=["rev"], order=1)(*arrays)


def scipy_check(kind: str, arrays: list[Any]) -> None:
    from scipy.optimize._numdiff import check_derivative

    f, slope = {"relu": (lambda x: np.maximum(x, 0), lambda x: np.diag((x > 0).astype(float))),
                "tanh": (np.tanh, lambda x: np.diag(1 / np.cosh(x) ** 2))}[kind]  # fmt: skip
    check_derivative(f, slope, arrays[0])


def numdifftools_check(kind: str, arrays: list[Any]) -> None:
    import numdifftools as nd

    f = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh}[kind]
    nd.Jacobian(f)(arrays[0])


PEERS: dict[str, tuple[str, Callable[..., None], int]] = {
    "torch, fast": ("torch", lambda k, a: torch_check(k, a, True), 10**6),
    "torch, slow": ("torch", lambda k, a: torch_check(k, a, False), 1_000),
    "jax check_grads": ("jax", jax_check, 10**6),
    "autograd check_grads": ("autograd", autograd_check, 10**6),
    "scipy check_derivative": ("scipy", scipy_check, 1_000),
    "numdifftools Jacobian": ("numdifftools", numdifftools_check, 100),
}
"""Package, call, largest input."""


def seconds(*calls: Callable[[], object]) -> list[float]:
    """Return the median times of calls that take turns, after a first one each."""
    first = [timed(call) for call in calls]
    turns = max(2, min(100, int(1.0 / max(sum(first), 1e-6))))
    times = [[timed(call) for call in calls] for _ in range(turns)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def timed(call: Callable[[], object]) -> float:
    start = time.process_time()  # others may use the machine as well
    call()
    return time.process_time() - start


def memory(call: Callable[[], None]) -> float:
    """Return the peak of what a call allocates, in bytes."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(peak)


def rows(kind: str, n: int) -> dict[str, str]:
    layer, _, _ = load_layer(kind)
    spec, case = load_spec(kind), case_of(kind, n)
    trial = Trial(layer, case, spec=spec)
    inputs = {name: a for name, a in trial.point.inputs.items() if a is not None}
    u, configured = trial.cotangent, layer(case.config)
    arrays = list(inputs.values())

    def once() -> None:
        configured.pull(**inputs)[1](u)

    regime, check = ("exact", exactly) if trial.linear_form else ("certified", certifiedly)
    base, took = seconds(once, lambda: check(Trial(layer, case, spec=spec)))
    (looped,) = seconds(once)
    found = {
        "forward and backward": f"{base * 1e3:.3g} ms",
        "  in a loop of its own": f"{looped / base:.2g}",
        f"this engine, {regime}": f"{took / base:.3g}",
    }
    if trial.linear_form:
        peak = memory(lambda: exactly(Trial(layer, case, spec=spec)))
        found["  memory, of the input's"] = f"{peak / sum(a.nbytes for a in arrays):.3g}"
    for name, (package, call, largest) in PEERS.items():
        found[name] = peer(package, call, largest, kind, arrays, n, base)
    entries = sum(a.size for a in arrays)
    fits = entries * 2 * base < LIMIT / 2
    if fits:
        (took,) = seconds(lambda: loop(layer, case, inputs))
    found["a loop over entries"] = f"{took / base:.3g}" if fits else "-"
    return found


def peer(
    package: str, call: Callable[..., None], largest: int, kind: str, arrays: list[Any], n: int,
    base: float,
) -> str:  # fmt: skip
    if importlib.util.find_spec(package) is None:
        return "absent"
    if n > largest:
        return "-"
    try:
        return f"{seconds(lambda: call(kind, arrays))[0] / base:.3g}"
    except KeyError:
        return "no"
    except AssertionError:
        return "fails"  # the peer's own tolerance


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for kind in ("conv2d", "linear", "relu", "tanh"):
        table = [rows(kind, n) for n in SIZES]
        print(f"\n{kind:28}" + "".join(f"{n:>12,}" for n in SIZES))
        for name in table[0]:
            print(f"{name:28}" + "".join(f"{column[name]:>12}" for column in table), flush=True)
