"""Startup: how long `gradcheck --help` takes, beside a bare interpreter and what it does not load.

Commands that answer without checking import neither NumPy, Hypothesis nor torch. Each command is
run in turn, `RUNS` times over; the shortest run of each counts, in multiples of the bare one.
"""

from __future__ import annotations

import subprocess
import sys
import time

RUNS = 7

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import click": ["-c", "import click"],
    "gradcheck --help": ["-m", "gradcheck", "--help"],
    "gradcheck run --help": ["-m", "gradcheck", "run", "--help"],
    "import numpy": ["-c", "import numpy"],
    "import hypothesis": ["-c", "import hypothesis"],
    "import torch": ["-c", "import torch"],
}


def seconds(arguments: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - begun


def main() -> None:
    best = dict.fromkeys(COMMANDS, float("inf"))
    for _ in range(RUNS):
        for name, arguments in COMMANDS.items():
            best[name] = min(best[name], seconds(arguments))
    bare = best["python -c pass"]
    for name, took in best.items():
        print(f"{name:22} {took:6.3f} s  {took / bare:5.1f} times a bare interpreter")


if __name__ == "__main__":
    main()
