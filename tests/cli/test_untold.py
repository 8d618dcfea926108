"""``gradcheck check`` of layers that draw their own mask, or know a part of batch_norm's data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]

LAYERS = """
import numpy as np


class Dropout:
    def __init__(self, p=0.5):
        self.p = p

    def forward(self, x, train=True):
        self.mask = (np.random.rand(*x.shape) >= self.p) / (1 - self.p)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class Unscaled(Dropout):
    def backward(self, dout):
        return dout * (self.mask > 0)


class Keeps:
    def __init__(self, leave=0.8):
        self.leave = leave

    def forward(self, x):
        self.mask = (np.random.rand(*x.shape) < self.leave) / self.leave
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class NoMask:
    def forward(self, x):
        return x

    def backward(self, dout):
        return dout


class BatchNorm:
    def __init__(self, num_features, eps=1e-5):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.eps = eps

    def forward(self, x, training=True):
        self.std = np.sqrt(x.var(0) + self.eps)
        self.normal = (x - x.mean(0)) / self.std
        return self.gamma * self.normal + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.normal).sum(0), dy.sum(0)
        g = dy * self.gamma
        return (g - g.mean(0) - self.normal * (g * self.normal).mean(0)) / self.std


class BuiltIn(BatchNorm):
    def __init__(self, num_features):
        super().__init__(num_features, 3e-4)


class Halved(BatchNorm):
    def backward(self, dy):
        dx = super().backward(dy)
        self.dbeta = self.dbeta / 2
        return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    assert bn_param["mode"] == "train"
    xc = x - x.mean(0)
    std = np.sqrt((xc**2).mean(0) + bn_param.get("eps", 1e-5))
    return gamma * xc / std + beta, (xc / std, gamma, std)


def batchnorm_backward(dout, cache):
    normal, gamma, std = cache
    g = dout * gamma
    dx = (g - g.mean(0) - normal * (g * normal).mean(0)) / std
    return dx, (dout * normal).sum(0), dout.sum(0)
"""


@pytest.fixture
def layers(tmp_path: Path) -> str:
    path = tmp_path / "layers.py"
    path.write_text(LAYERS)
    return str(path)


@pytest.mark.parametrize(
    ("target", "code", "message"),
    [
        ("Dropout", 0, "the layer draws its mask itself"),
        ("Keeps", 0, "the layer draws its mask itself"),
        ("Unscaled", 1, "the gradient for x is wrong"),
        ("NoMask", 2, "NoMask is not told the mask of a case, and draws no random numbers"),
    ],
)
def test_a_layer_that_draws_its_own_mask_is_held_against_its_differences(
    layers: str, invoke: Invoke, target: str, code: int, message: str
) -> None:
    result = invoke("check", f"{layers}:{target}", "--spec", "dropout", "--examples", "12")
    assert result.exit_code == code, result.output
    assert message in " ".join(result.output.split())


@pytest.mark.parametrize(("target", "code"), [("BatchNorm", 0), ("BuiltIn", 0), ("Halved", 1)])
def test_batch_norm_of_vectors_is_narrowed_to_vectors(
    layers: str, invoke: Invoke, target: str, code: int
) -> None:
    result = invoke("check", f"{layers}:{target}", "--spec", "batch_norm", "--examples", "24")
    assert result.exit_code == code, result.output
    assert "the layer takes vectors" in " ".join(result.stdout.split())
    assert "gradients in .dgamma and .dbeta" in result.stderr


def test_a_dict_of_settings_says_the_mode(layers: str, invoke: Invoke) -> None:
    pair = [f"--{way}={layers}:batchnorm_{way}" for way in ("forward", "backward")]
    result = invoke("check", *pair, "--spec", "batch_norm", "--examples", "24")
    assert result.exit_code == 0, result.output
