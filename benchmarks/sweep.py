"""Convolution configurations a second and core: generation, contract, exact check, torch, all.

python benchmarks/sweep.py [EXAMPLES]
"""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch

import gradcheck

ASKED = 300

if __name__ == "__main__":
    torch.set_num_threads(1)
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    gradcheck.check_layer("conv2d", examples=100, seed=1).raise_for_verdict()
    start = time.process_time()
    report = gradcheck.check_layer("conv2d", examples=examples)
    report.raise_for_verdict()
    rate = report.cases / (time.process_time() - start)
    print(f"conv2d: {rate:.0f} configurations a second and core (>= {ASKED})")
