"""Importing the contracts loads neither torch nor Hypothesis."""

from __future__ import annotations

import subprocess
import sys

STRATEGIES = {
    "array", "arrays", "avg_pool2d_cases", "cases", "conv2d_cases", "cotangent", "cotangents",
    "define", "draw_cotangent", "draw_inputs", "linear_cases", "max_pool2d_cases", "windows",
}  # fmt: skip
"""What is no contract among the functions of the package."""


def test_torch_and_hypothesis_are_not_imported_before_they_are_needed() -> None:
    code = (
        "import sys, gradcheck.properties as p\n"
        f"[getattr(p, n)() for n in p.__all__ if n[0].islower() and n not in {STRATEGIES!r}]\n"
        "p.conv2d().oracle.name\n"
        "print(sorted({'torch', 'hypothesis', 'properties'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_every_registered_spec_is_there_under_its_name() -> None:
    from gradcheck import properties
    from gradcheck.registry import entries

    ours = [entry for entry in entries("specs") if entry.package == "gradcheck"]
    named = {name for name in properties.__all__ if name[0].islower()}
    assert {entry.name for entry in ours} == named - STRATEGIES
    assert all(entry.load().name == entry.name for entry in ours)
