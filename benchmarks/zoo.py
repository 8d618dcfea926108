"""Coverage and width of error bars, on functions whose derivatives are known.

For each function of the zoo and 100,000 draws of a point and a tangent: how often the truth lies
inside the bar, and the median width of the bar beside the median error. Beside it numdifftools and
scipy.differentiate, where they are installed, on the first draws of the same.

    python benchmarks/zoo.py [--draws N] [--dear N] [--peers N] [ROW...]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from _zoo import ROWS, Row

from gradcheck.differences import directional

NUMBERS_AT_ONCE = 1_000_000
COVERED, WIDEST = 0.9999, 100
"""Of the draws in each row, and of the median error on smooth rows of unit scale."""

Array = Any


def chunks(row: Row, draws: int, dtype: str) -> Iterator[tuple[Array, Array]]:
    """Yield errors and bars."""
    rng = np.random.default_rng(1)
    numbers = row.draw(np.random.default_rng(0), 1, dtype)[0].size
    most = max(1, min(20_000, NUMBERS_AT_ONCE // numbers))
    for begin in range(0, draws, most):
        x, tangent = row.draw(rng, min(most, draws - begin), dtype)
        found = directional(row.narrowed(dtype), x, tangent, pointwise=x.ndim == 1, dtype=dtype)
        yield np.abs(found.value - row.along(x, tangent)).astype(float), found.bar


def line(row: Row, draws: int, dtype: str) -> str:
    found = list(chunks(row, draws, dtype))
    error, bar = (np.concatenate(side) for side in zip(*found, strict=True))
    missed = int(np.count_nonzero(~(error <= bar)))
    middle, width = float(np.median(error)), float(np.median(bar))
    ratio = f"{width / middle:9.0f}" if middle and width / middle < 1e8 else f"{'-':>9}"
    said = row.limits.get(dtype, "")
    if missed > (1 - COVERED) * draws and not said:
        said = "BELOW 99.99 %"
    if row.smooth and width > WIDEST * middle:
        said += f" WIDER THAN {WIDEST}"
    counts = f"{draws:7} {missed:7} {1 - missed / draws:9.3%}"
    return f"{row.name:29} {counts} {middle:9.1e} {width:9.1e} {ratio}  {said}"


def numdifftools(f: Callable[[float], float]) -> tuple[float, float]:
    import numdifftools as nd

    found = nd.Derivative(f, full_output=True)(0.0)
    return float(found.estimate), float(np.max(found.error_estimate))


def scipy(f: Callable[[float], float]) -> tuple[float, float]:
    from scipy.differentiate import derivative

    found = derivative(np.vectorize(f, otypes=[float]), 0.0)
    return float(found.df), float(found.error)


def along(row: Row, x: Array, way: Array, dtype: str) -> Callable[[float], float]:
    """Return the function along the tangent through one point."""
    f = row.narrowed(dtype)
    return lambda t: float(f((x + t * way)[None])[0])


def peers(rows: list[Row], draws: int) -> None:
    known = {"numdifftools": numdifftools, "scipy.differentiate": scipy}
    for name, estimate in known.items():
        if importlib.util.find_spec(name.split(".")[0]) is None:
            print(f"\n{name}: not installed (pip install -c constraints.txt -e '.[peers]')")
            continue
        print(f"\n{name}, {draws} draws of each row")
        print(f"{'':29} {'float64':>9} {'float32':>9}  covered")
        for row in rows:
            if row.dear:
                continue
            shares = [
                f"{share(row, estimate, draws, dtype):9.1%}" for dtype in ("float64", "float32")
            ]
            print(f"{row.name:29} {' '.join(shares)}", flush=True)


def share(row: Row, estimate: Callable[..., tuple[float, float]], draws: int, dtype: str) -> float:
    x, v = row.draw(np.random.default_rng(1), draws, dtype)
    pairs = np.array([estimate(along(row, one, way, dtype)) for one, way in zip(x, v, strict=True)])
    return float(np.mean(np.abs(pairs[:, 0] - row.along(x, v)) <= pairs[:, 1]))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Coverage and width of error bars.")
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument(
        "--dear", type=int, default=500, help="draws of the row of 1e4 numbers each"
    )
    parser.add_argument("--peers", type=int, default=40, help="draws for the other libraries")
    parser.add_argument("rows", nargs="*")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    chosen = [row for row in ROWS if not given.rows or row.name in given.rows]
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    for dtype in ("float64", "float32"):
        print(f"\nthis engine, {dtype}")
        print(f"{'':29} {'draws':>7} {'missed':>7} {'covered':>9} ", end="")
        print(f"{'error':>9} {'bar':>9} {'bar/error':>9}")
        for row in chosen:
            print(line(row, given.dear if row.dear else given.draws, dtype), flush=True)
    if given.peers:
        peers(chosen, given.peers)
