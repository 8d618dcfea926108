"""The scripts in examples/: they run, they learn, and a wrong gradient stops them."""

from __future__ import annotations

import gzip
import importlib
import io
import re
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from gradcheck.reference import Sequential, linear
from gradcheck.reference._types import Array
from rich.console import Console

EXAMPLES = Path(__file__).parents[2] / "examples"
SVG = "{http://www.w3.org/2000/svg}"


def run(folder: Path, script: str, *args: str) -> str:
    command = [sys.executable, str(EXAMPLES / script), *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def points(picture: Path) -> list[int]:
    """Return the number of points of each line."""
    lines = ElementTree.parse(picture).getroot().findall(f"{SVG}polyline")
    return [len(line.attrib["points"].split()) for line in lines]


def read_right(said: str) -> float:
    found = re.search(r"read right: ([\d.]+)%", said)
    assert found is not None, said
    return float(found[1])


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of the examples as the scripts do, and forget it afterwards."""
    monkeypatch.syspath_prepend(EXAMPLES)

    def imported(name: str) -> ModuleType:
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return imported


def test_b9_linear_regression_arrives_at_least_squares(tmp_path: Path) -> None:
    said = run(tmp_path, "linear_regression.py")
    assert "gradient check of the whole network: PASS" in said
    apart = [float(number) for number in re.findall(r"([\d.e+-]+) from least squares", said)]
    assert len(apart) == 2
    assert max(apart) < 1e-3
    assert points(tmp_path / "linear_regression.svg") == [200, 200]


@pytest.mark.parametrize("model", ["dense", "cnn", "vgg"])
def test_b10_b13_digits_are_checked_then_read(tmp_path: Path, model: str) -> None:
    said = run(tmp_path, "digits.py", model, "--epochs", "2", "--svg", "curve.svg")
    assert "gradient check of the whole network: PASS" in said
    assert read_right(said) > 50  # two epochs; a guess is right one time in ten
    assert points(tmp_path / "curve.svg") == [2, 2]


@pytest.mark.environment
@pytest.mark.parametrize(("model", "least"), [("dense", 95), ("cnn", 97), ("vgg", 97)])
def test_b10_b13_digits_are_read_well(tmp_path: Path, model: str, least: float) -> None:
    assert read_right(run(tmp_path, "digits.py", model)) >= least


def test_a_wrong_gradient_stops_the_training(example: Any) -> None:
    right = linear.layer()

    def half_the_bias(dy: Array, cache: Any) -> Any:
        dx, dweight, dbias = right.backward(dy, cache)
        return dx, dweight, None if dbias is None else dbias / 2

    checked, console = example("_training").checked, Console(file=io.StringIO())
    parameters = {"out.weight": np.ones((1, 2)), "out.bias": np.ones(1)}
    draw = lambda: np.random.default_rng(0).standard_normal((3, 2))  # noqa: E731
    checked(Sequential(out=right), draw, parameters, console)
    with pytest.raises(AssertionError, match=r"out\.bias"):
        checked(Sequential(out=right._replace(backward=half_the_bias)), draw, parameters, console)


# The files of MNIST


def idx(array: np.ndarray[Any, Any]) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def mnist(folder: Path, side: int = 12) -> Path:
    """Write small files in the form of MNIST's, half of them compressed."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 64), ("t10k", 16)):
        images, labels = rng.integers(0, 256, (count, side, side)), np.arange(count) % 10
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return folder


def test_idx_files_are_read(tmp_path: Path, example: Any) -> None:
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    plain, packed = tmp_path / "a", tmp_path / "b.gz"
    plain.write_bytes(idx(array))
    packed.write_bytes(gzip.compress(idx(array)))
    for path in (plain, packed):
        assert np.array_equal(array, example("_digits").read_idx(path))


def test_the_parts_of_mnist_are_read(tmp_path: Path, example: Any) -> None:
    images, labels = example("_digits").mnist(mnist(tmp_path), "t10k")
    assert images.shape == (16, 1, 12, 12)
    assert images.dtype == np.float32
    assert 0 <= images.min() < 0.1
    assert 0.9 < images.max() <= 1
    assert labels[:12].tolist() == [*range(10), 0, 1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x00\x00\x0d\x01\x00\x00\x00\x00", "begins with 00 00 0d 01"),
        (b"", "begins with"),
        (idx(np.zeros((2, 3)))[:-1], r"has 5 entries, its header says \(2, 3\)"),
        (idx(np.zeros((2, 3)))[:6], "ends within its header"),
    ],
)
def test_what_is_no_idx_file_is_refused(
    tmp_path: Path, example: Any, data: bytes, message: str
) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(ValueError, match=message):
        example("_digits").read_idx(tmp_path / "a")


def test_a_missing_file_is_named(tmp_path: Path, example: Any) -> None:
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte"):
        example("_digits").mnist(tmp_path, "train")


def test_labels_that_do_not_match_are_refused(tmp_path: Path, example: Any) -> None:
    (mnist(tmp_path) / "train-labels-idx1-ubyte").write_bytes(idx(np.zeros(3)))
    with pytest.raises(ValueError, match="do not match"):
        example("_digits").mnist(tmp_path, "train")


def test_digits_may_come_from_mnists_files(tmp_path: Path) -> None:
    said = run(tmp_path, "digits.py", "dense", "--data", str(mnist(tmp_path)), "--epochs", "1")
    assert "64 digits to learn from, 16 held out" in said
    assert points(tmp_path / "digits-dense.svg") == [1, 1]
