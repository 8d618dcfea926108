"""Coverage and width of error bars, on functions whose derivatives are known.

For each function of the zoo and 100,000 draws of a point and a tangent: how often the truth lies
inside the bar, and the median width of the bar beside the median error. Beside it numdifftools and
scipy.differentiate, where they are installed, on the first draws of the same.

    python benchmarks/zoo.py [DRAWS]
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from _zoo import ROWS, Row

from gradcheck.differences import LADDERS, directional, representable

DRAWS, AT_ONCE, PEER_DRAWS = 100_000, 20_000, 200
COVERED, WIDEST = 0.9999, 100
"""Of the draws in each row, and of the median error on smooth rows of unit scale."""

Array = Any


def chunks(row: Row, draws: int, dtype: str) -> Iterator[tuple[Array, Array]]:
    """Yield errors and bars."""
    rng = np.random.default_rng(1)
    for _ in range(0, draws, AT_ONCE):
        x, tangent = row.draw(rng, min(AT_ONCE, draws))
        narrow = row.f if dtype == "float64" else narrowed(row, dtype)
        estimate, used = directional(narrow, x, tangent, dtype)
        point = representable(x, tangent, LADDERS[dtype], dtype)[0]
        yield np.abs(estimate.value - row.along(point, used)), estimate.bar


def narrowed(row: Row, dtype: str) -> Callable[[Array], Array]:
    """Return a function that computes in a narrower dtype, whatever it is given."""
    return lambda x: np.asarray(row.f(x.astype(dtype))).astype(dtype).astype(np.float64)


def line(row: Row, draws: int, dtype: str) -> str:
    found = list(chunks(row, draws, dtype))
    error, bar = (np.concatenate(side) for side in zip(*found, strict=True))
    covered = float(np.mean(error <= bar))
    middle, width = float(np.median(error)), float(np.median(bar))
    ratio = width / middle if middle else float("nan")
    said = row.limits.get(dtype, "") if covered < COVERED else ""
    if covered < COVERED and not said:
        said = "BELOW 99.99 %"
    if row.smooth and ratio > WIDEST:
        said += f" WIDER THAN {WIDEST}"
    return f"{row.name:25} {covered:9.3%} {middle:9.1e} {width:9.1e} {ratio:8.0f}  {said}"


def numdifftools(f: Callable[[float], float]) -> tuple[float, float]:
    import numdifftools as nd

    found = nd.Derivative(f, full_output=True)(0.0)
    return float(found.estimate), float(np.max(found.error_estimate))


def scipy(f: Callable[[float], float]) -> tuple[float, float]:
    from scipy.differentiate import derivative

    found = derivative(np.vectorize(f), 0.0)
    return float(found.df), float(found.error)


def along(row: Row, x: Array, way: Array) -> Callable[[float], float]:
    """Return the function along the tangent through one point."""
    return lambda t: float(row.f((x + t * way)[None])[0])


def peers() -> None:
    known = {"numdifftools": numdifftools, "scipy": scipy}
    for name, estimate in known.items():
        if importlib.util.find_spec(name) is None:
            print(f"\n{name}: not installed (pip install -c constraints.txt -e '.[peers]')")
            continue
        print(f"\n{name}, {PEER_DRAWS} draws of each row in float64")
        for row in ROWS:
            x, v = row.draw(np.random.default_rng(1), PEER_DRAWS)
            with np.errstate(all="ignore"):
                lines = [along(row, one, way) for one, way in zip(x, v, strict=True)]
                pairs = np.array([estimate(f) for f in lines])
                truth = row.along(x, v)
            inside = float(np.mean(np.abs(pairs[:, 0] - truth) <= pairs[:, 1]))
            print(f"{row.name:25} {inside:9.1%}")


if __name__ == "__main__":
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    for dtype in ("float64", "float32"):
        print(f"\nthis engine, {draws} draws of each row in {dtype}")
        print(f"{'':25} {'covered':>9} {'error':>9} {'bar':>9} {'bar/error':>9}")
        for row in ROWS:
            with np.errstate(all="ignore"):
                print(line(row, draws, dtype), flush=True)
    peers()
