"""``gradcheck check`` where torch is not installed: conventions are told by the layer shipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LAYERS = """
import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, dy.sum(0)
        return dy @ self.W.T


class Wrong(Dense):
    def backward(self, dy):
        super().backward(dy)
        return dy @ self.W.T * (1 + 1e-6)


class First(Dense):
    def backward(self, dy):
        super().backward(dy)


class Half:
    def loss(self, y, y_pred):
        return np.sum((y - y_pred) ** 2) / 2

    def gradient(self, y, y_pred):
        return y_pred - y
"""

WITHOUT = """
import sys
sys.modules["torch"] = None
from gradcheck.cli import main
sys.exit(main(["check", *sys.argv[1:]]))
"""


@pytest.mark.parametrize(
    ("target", "spec", "more", "code", "told"),
    [
        ("Dense", "linear", (), 0, "kernels IO"),
        ("Wrong", "linear", (), 1, "kernels IO"),
        ("First", "linear", ("--omit", "x"), 0, "no gradient for x"),
        ("Half", "mse_loss", (), 0, "half the sum over the samples"),
    ],
)
def test_a_verdict_and_what_it_leaves_unseen(
    tmp_path: Path, target: str, spec: str, more: tuple[str, ...], code: int, told: str
) -> None:
    file = tmp_path / "theirs.py"
    file.write_text(LAYERS)
    words = [f"{file}:{target}", "--spec", spec, "--examples", "20", *more]
    command = [sys.executable, "-c", WITHOUT, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert told in done.stderr
    if not code:
        assert "a wrong forward that its backward" in " ".join(done.stdout.split())
