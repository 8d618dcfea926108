"""Coverage and width of error bars, on functions whose derivatives are known.

For each function of the zoo and 100,000 draws of a point and a tangent: how often the truth lies
inside the bar, and the median width of the bar over the median error. Beside this engine
numdifftools and scipy.differentiate, where they are installed, on the same draws: what they say
of their own errors.

    python benchmarks/zoo.py [--draws N] [--dear N] [--markdown] [ROW...]
"""

from __future__ import annotations

import argparse
import importlib.util
import math
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

DTYPES = ("float64", "float32")

Array = Any
Estimator = Callable[[Row, Array, Array, str], tuple[Array, Array]]


def ours(row: Row, x: Array, tangent: Array, dtype: str) -> tuple[Array, Array]:
    f = row.narrowed(dtype)
    found = directional(f, x, tangent, pointwise=x.ndim == 1, dtype=dtype)
    return found.value, found.bar


def numdifftools(row: Row, x: Array, tangent: Array, dtype: str) -> tuple[Array, Array]:
    import numdifftools as nd

    f, everyone = row.narrowed(dtype), np.arange(len(x))
    line = nd.Derivative(lambda t: f(moved(x, tangent, t, everyone)), full_output=True)
    told = line(np.zeros(len(x)))
    return told.estimate, told.error_estimate


def scipy(row: Row, x: Array, tangent: Array, dtype: str) -> tuple[Array, Array]:
    from scipy.differentiate import derivative

    f = row.narrowed(dtype)

    def line(t: Array, who: Array) -> Array:
        t, who = np.broadcast_arrays(t, who)
        return f(moved(x, tangent, t.ravel(), who.ravel().astype(int))).reshape(t.shape)

    found = derivative(line, np.zeros(len(x)), args=(np.arange(float(len(x))),))
    return found.df, found.error


def moved(x: Array, tangent: Array, t: Array, who: Array) -> Array:
    """Return some of the points, each moved along its own tangent."""
    return x[who] + (t[:, None] if x.ndim > 1 else t) * tangent[who]


ESTIMATORS: dict[str, tuple[str, Estimator]] = {
    "this engine": ("gradcheck", ours),
    "numdifftools": ("numdifftools", numdifftools),
    "scipy.differentiate": ("scipy", scipy),
}
"""With the package that each needs."""


def chunks(row: Row, draws: int, dtype: str, estimate: Estimator) -> Iterator[tuple[Array, Array]]:
    """Yield errors and bars."""
    rng = np.random.default_rng(1)
    numbers = row.draw(np.random.default_rng(0), 1, dtype)[0].size
    most = max(1, min(20_000, NUMBERS_AT_ONCE // numbers))
    for begin in range(0, draws, most):
        x, tangent = row.draw(rng, min(most, draws - begin), dtype)
        value, bar = estimate(row, x, tangent, dtype)
        yield np.abs(value - row.along(x, tangent)).astype(float), np.asarray(bar)


def measured(row: Row, draws: int, dtype: str, estimate: Estimator) -> tuple[float, float, float]:
    """Return the share covered, the median error and the median bar."""
    found = list(chunks(row, draws, dtype, estimate))
    error, bar = (np.concatenate(side) for side in zip(*found, strict=True))
    return float(np.mean(error <= bar)), float(np.median(error)), float(np.median(bar))


def cell(row: Row, draws: int, dtype: str, name: str) -> str:
    """Return the share covered, and the width of the bar over the error."""
    package, estimate = ESTIMATORS[name]
    if importlib.util.find_spec(package) is None:
        return "absent"
    if row.dear and estimate is not ours:
        return "-"
    share, error, bar = measured(row, draws, dtype, estimate)
    ratio = (
        "-"
        if not error or math.isnan(bar / error)
        else f"{bar / error:.0{'f' if bar < 1e5 * error else 'e'}}"
    )
    said = f"{math.floor(1e5 * share) / 1e3:.3f}% {ratio:>6}"
    if estimate is ours and share < COVERED and dtype not in row.limits:
        said += " BELOW 99.99 %"
    if estimate is ours and row.smooth and bar > WIDEST * error:
        said += f" WIDER THAN {WIDEST}"
    return said


def line(row: Row, draws: int) -> list[str]:
    return [row.name, *(cell(row, draws, dtype, name) for name in ESTIMATORS for dtype in DTYPES)]


def head() -> list[str]:
    return ["covered, bar/error", *(f"{n[:11]} {d}" for n in ESTIMATORS for d in ("f64", "f32"))]


def plain(told: list[str]) -> str:
    return f"{told[0]:29}" + "".join(f"{one:>17}" for one in told[1:])


def markdown(told: list[str]) -> str:
    return "| " + " | ".join(" ".join(one.replace("|", "\\|").split()) for one in told) + " |"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Coverage and width of error bars.")
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument(
        "--dear", type=int, default=500, help="draws of the row of 1e4 numbers each"
    )
    parser.add_argument("--markdown", action="store_true", help="a table for the docs")
    parser.add_argument("rows", nargs="*")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    show = markdown if given.markdown else plain
    print(show(head()))
    for row in ROWS:
        if not given.rows or row.name in given.rows:
            print(show(line(row, given.dear if row.dear else given.draws)), flush=True)
    for row in ROWS:
        for dtype, reason in row.limits.items():
            print(f"{row.name}, {dtype}: {reason}")
