"""Two sides that take turns: the fastest turn of each counts.

At one thread by the processor's own clock, since others may use the machine; at more by the wall's,
since the processor's adds the threads up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

TURNS = 3
"""So many turns at least, however long they take."""


def fastest(
    *runs: Callable[[], object], seconds: float, clock: Callable[[], float] = time.process_time
) -> list[float]:
    """Let the runs take turns for so many seconds; return the fastest turn of each, in seconds."""
    best, turns, end = [math.inf] * len(runs), 0, time.perf_counter() + seconds
    while turns < TURNS or time.perf_counter() < end:
        for place, run in enumerate(runs):
            start = clock()
            run()
            best[place] = min(best[place], clock() - start)
        turns += 1
    return best


def geometric_mean(ratios: list[float]) -> float:
    """Return the mean that makes of 2 and 1/2 a 1."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))
