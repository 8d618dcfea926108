"""Nothing of theirs is harmed: what a stranger's layer changes is put back, one thing at a time."""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import gradcheck
from gradcheck import Verdict, adapt
from gradcheck.cli import main

THINGS: dict[str, tuple[str, Callable[[], Any]]] = {
    "error state": ("np.seterr(all='raise')", np.geterr),
    "print options": ("np.set_printoptions(precision=1)", np.get_printoptions),
    "random": ("random.seed(7); random.gauss(0, 1)", random.getstate),
    "numpy.random": (
        "np.random.seed(7); np.random.randn()",
        lambda: [np.asarray(part).tolist() for part in np.random.get_state()],
    ),
    "sys.path": ("sys.path.insert(0, 'theirs')", lambda: [*sys.path]),
    "another sys.path": ("sys.path = ['theirs', *sys.path]", lambda: (id(sys.path), [*sys.path])),
    "folder": ("os.chdir('/')", os.getcwd),
    "warnings": ("warnings.simplefilter('always')", lambda: [*warnings.filters]),
    "torch's generator": (
        "import torch; torch.manual_seed(7); torch.rand(1)",
        lambda: _torch().get_rng_state().tolist(),
    ),
    "torch's threads": (
        "import torch; torch.set_num_threads(3)", lambda: _torch().get_num_threads()
    ),
    "torch's dtype": (
        "import torch; torch.set_default_dtype(torch.float64)",
        lambda: _torch().get_default_dtype(),
    ),
    "torch's grad mode": (
        "import torch; torch.set_grad_enabled(False)", lambda: _torch().is_grad_enabled()
    ),
}  # fmt: skip
"""What a layer does, and what must be as it was."""

SOURCE = """
import os, random, sys, warnings
import numpy as np

{at_import}

def relu_forward(x):
    {at_call}
    return np.maximum(x, 0) * {factor}, (x > 0) * {factor}

def relu_backward(dy, mask):
    {at_call}
    return dy * mask
"""


def source(at_import: str = "", at_call: str = "", factor: str = "1") -> str:
    return SOURCE.format(at_import=at_import, at_call=at_call, factor=factor)


def _torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def tidy() -> Iterator[None]:
    """Spare the other tests what a failure here leaves behind."""
    path, folder = [*sys.path], os.getcwd()
    with np.errstate(), warnings.catch_warnings():
        yield
    os.chdir(folder)
    sys.path[:] = path
    if torch := sys.modules.get("torch"):
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)


def changed(state: Callable[[], Any], act: Callable[[], Any]) -> bool:
    np.random.seed(3)
    np.random.randn()  # leaves the other of two numbers in the generator
    before = state()
    act()
    return bool(state() != before)


@pytest.mark.parametrize("thing", THINGS)
def test_a_thing_that_is_changed_would_be_seen(thing: str) -> None:
    act, state = THINGS[thing]
    threads = _torch().get_num_threads() if "threads" in thing else 0
    options = np.get_printoptions()
    try:
        assert changed(state, lambda: exec(act, dict(globals())))
    finally:
        np.set_printoptions(**options)
        if threads:
            _torch().set_num_threads(threads)


@pytest.mark.parametrize("thing", THINGS)
def test_functions_that_change_it(thing: str) -> None:
    act, state = THINGS[thing]
    scope: dict[str, Any] = {}
    exec(source(at_call=act), scope)
    layer = adapt.functional(scope["relu_forward"], scope["relu_backward"])
    x = np.array([[0.5, -1.5], [2.0, 3.0]])

    def check() -> None:
        assert gradcheck.check(layer, x=x).verdict is Verdict.PASS
        assert gradcheck.check_layer("relu", layer, examples=13).verdict is not Verdict.FAIL

    assert not changed(state, check)


@pytest.mark.parametrize("thing", THINGS)
def test_a_file_that_changes_it(thing: str, tmp_path: Path) -> None:
    act, state = THINGS[thing]
    file = tmp_path / "theirs.py"
    file.write_text(source(at_import=act, at_call=act))

    def check() -> None:
        pair = ("--forward", f"{file}:relu_forward", "--backward", f"{file}:relu_backward")
        result = CliRunner().invoke(main, ["check", *pair, "--spec", "relu", "--examples", "13"])
        assert result.exit_code in (0, 3), result.output

    assert not changed(state, check)


def test_modules_of_theirs_are_forgotten_and_two_of_one_name_kept_apart(tmp_path: Path) -> None:
    for folder, factor in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "helper.py").write_text(f"FACTOR = {factor}\n")
        text = source(at_import="import helper", factor="helper.FACTOR")
        (tmp_path / folder / "ops.py").write_text(text)
    before = set(sys.modules)

    def check(folder: str, *more: str) -> int:
        ops = tmp_path / folder / "ops.py"
        pair = ("--forward", f"{ops}:relu_forward", "--backward", f"{ops}:relu_backward")
        said = ["check", *pair, "--spec", "relu", "--examples", "30", *more]
        return CliRunner().invoke(main, said).exit_code

    assert check("a") == 0
    assert check("b") == 1  # twice a relu
    assert not {"ops", "helper"} & (set(sys.modules) - before)


def test_a_layer_that_draws_is_seeded() -> None:
    def forward(x: Any) -> Any:
        keep = (np.random.random(x.shape) + random.random() + float(_torch().rand(()))) / 3
        return x * keep, keep

    report = gradcheck.check(
        adapt.functional(forward, lambda dy, keep: dy * keep), x=np.arange(1.0, 7.0)
    )
    assert report.verdict is Verdict.PASS


@pytest.mark.parametrize("way", ["pair", "class"])
def test_a_layer_with_a_generator_of_its_own_is_said_to_be_no_function(way: str) -> None:
    rng = np.random.default_rng()

    class Dropout:
        def forward(self, x: Any) -> Any:
            self.keep = rng.random(x.shape) < 0.5
            return x * self.keep

        def backward(self, dy: Any) -> Any:
            return dy * self.keep

    def forward(x: Any) -> Any:
        keep = rng.random(x.shape) < 0.5
        return x * keep, keep

    layer = (
        adapt.functional(forward, lambda dy, keep: dy * keep)
        if way == "pair"
        else adapt.oop(lambda config, arrays: Dropout())
    )
    report = gradcheck.check(layer, x=np.arange(1.0, 7.0))
    assert report.verdict is Verdict.FAIL
    assert "the layer is not deterministic" in report.reason
    assert "numpy.random.default_rng()" in report.reason
    swept = gradcheck.check_layer("relu", layer, examples=30)
    assert "the layer is not deterministic" in swept.reason


def test_a_failure_that_does_not_come_again_is_a_failure_all_the_same() -> None:
    calls = iter(range(10**9))

    def backward(dy: Any, mask: Any) -> Any:
        return dy * mask * (2 if next(calls) == 29 else 1)

    layer = adapt.functional(lambda x: (np.maximum(x, 0), x > 0), backward)
    report = gradcheck.check_layer("relu", layer, examples=30)
    assert report.verdict is Verdict.FAIL
    assert "this case failed, and when it came again it did not" in report.reason
