"""Soak: correct layers, many cases, and how often the checker cries wolf.

    make soak CASES=100000 SEED=1 LAYERS="conv2d relu"

Every layer that this project ships is correct, so a FAIL is a false alarm, and an INCONCLUSIVE
costs somebody an hour. Runs go on with one seed after the other until the cases are done. With no
false alarm in n cases the rate is below 3 / n with 95 % confidence (the rule of three).
Ctrl-C ends a soak early, with the figures of what was done.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from gradcheck import Verdict, registry, runner
from gradcheck.profiles import PROFILES

EXAMPLES = 400
"""Cases of a layer with one seed: the processes are set up anew for each."""

DTYPES = (("float64", "float32"), ("float64", "float32"), ("float16",))
"""In turns: every third seed draws float16."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check correct layers until the cases are done.")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("layers", nargs="*")
    return parser.parse_args()


def soak(cases: int, seed: int, jobs: int, layers: list[str]) -> None:
    done, start, told = Counter[str](), time.perf_counter(), 0
    try:
        while done["cases"] < cases:
            dtypes = DTYPES[told % len(DTYPES)]
            report = runner.run(
                layers, profile=PROFILES["default"], examples=EXAMPLES, seed=seed + told,
                dtypes=dtypes, jobs=jobs,
            )  # fmt: skip
            for layer in report.layers:
                done["cases"] += layer.cases
                done[f"{'/'.join(dtypes)} cases"] += layer.cases
                done[str(layer.verdict)] += 1
                if layer.verdict is not Verdict.PASS:
                    print(layer, flush=True)
                    print(layer.reproduce, "seed", seed + told, flush=True)
            if report.interrupted:
                break
            told += 1
            print(f"\r{done['cases']} of {cases} cases, seed {seed + told - 1}", end="", flush=True)
    except KeyboardInterrupt:
        pass
    tell(done, len(layers), time.perf_counter() - start, seed, told)


def tell(done: Counter[str], layers: int, seconds: float, seed: int, seeds: int) -> None:
    print(f"\n{done.pop('cases')} cases of {layers} layers, seeds {seed} to {seed + seeds - 1}, ")
    print(f"in {seconds / 60:.1f} minutes")
    for what, count in sorted(done.items()):
        print(f"  {what:24} {count}")
    total = sum(count for what, count in done.items() if what.endswith(" cases"))
    if not done["FAIL"] and total:
        print(f"  no false alarm: the rate is below {3 / total:.1e} with 95 % confidence")


if __name__ == "__main__":
    given = arguments()
    every = sorted(e.name for e in registry.entries("layers") if e.package == "gradcheck")
    soak(given.cases, given.seed, given.jobs, given.layers or every)
