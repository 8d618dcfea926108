"""The certified check, in units of one forward plus backward.

Element-wise layers and one whose entries talk to each other (softmax along the last axis), from 1e2
to 1e6 inputs in float64, one thread; medians over alternating turns, in which the layer runs once
between two checks, as it does in a network between other layers. Over and over in a loop of its own
a small one takes a third of that, all its code and data being close at hand: the ratio to that is
shown as well. Beside them the width of the bars, relative to the gradient's largest entry.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck import adapt
from gradcheck.case import Case
from gradcheck.checks import certified
from gradcheck.config import Config
from gradcheck.finding import Evidence
from gradcheck.registry import load_layer, load_spec
from gradcheck.trial import Trial

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
MOST = 60
CONFIGS = {"elu": {"alpha": 1.0}}


def softmax(x: Any) -> Any:
    z = np.exp(x - x.max(-1, keepdims=True))
    y = z / z.sum(-1, keepdims=True)
    return y, y


def softmax_backward(dy: Any, y: Any) -> Any:
    return y * (dy - (dy * y).sum(-1, keepdims=True))


def trial(name: str, size: int) -> Trial:
    if name == "softmax":
        x = np.random.default_rng(0).normal(size=(size // 10, 10))
        case = Case(shapes={"x": x.shape}, given={"x": x})
        return Trial(adapt.functional(softmax, softmax_backward), case)
    case = Case(config=Config(CONFIGS.get(name, {})), shapes={"x": (size,), "output": (size,)})
    return Trial(load_layer(name)[0], case, spec=load_spec(name))


def seconds(call: Callable[[], object]) -> float:
    start = time.process_time()  # others may use the machine as well
    call()
    return time.process_time() - start


def line(name: str, size: int) -> str:
    examined = trial(name, size)
    x, u = examined.point.inputs["x"], examined.cotangent

    def once() -> None:
        examined.configured.pull(x=x)[1](u)

    def check() -> list[Any]:
        examined.tangents.clear()  # drawn anew, as for another case
        return list(certified.check(examined))

    found = check()
    assert all(isinstance(finding, Evidence) for finding in found), found
    width = max(finding.power or 0.0 for finding in found)
    runs = max(5, min(300, 3_000_000 // size))
    both = [(seconds(once), seconds(check)) for _ in range(runs)]
    one, whole = (statistics.median(column) for column in zip(*both, strict=True))
    looped = statistics.median(seconds(once) for _ in range(runs))
    ratio = whole / one
    late = "" if ratio <= MOST else f"  ABOVE {MOST}"
    return (
        f"{name:10} {size:8} {one * 1e3:9.3f} {whole * 1e3:9.2f} {ratio:7.1f} "
        f"{whole / looped:8.1f} {width:9.1e}{late}"
    )


if __name__ == "__main__":
    print(
        f"{'layer':10} {'inputs':>8} {'once, ms':>9} {'check, ms':>9} {'ratio':>7} "
        f"{'to loop':>8} {'power':>9}"
    )
    for name in ("sigmoid", "tanh", "elu", "selu", "softmax"):
        for size in SIZES:
            print(line(name, size), flush=True)
