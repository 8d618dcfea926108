"""``gradcheck check`` of losses and whole networks, as public code writes them, right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]

LOSSES = """
import numpy as np


def mse(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)


def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / y_true.size


def mse_prime_by_rows(y_true, y_pred):
    return 2 * (y_pred - y_true) / len(y_true)


def softmax_loss(x, y):
    n = len(x)
    shifted = x - x.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(logs)
    dx[np.arange(n), y] -= 1
    return -logs[np.arange(n), y].mean(), dx / n


def softmax_loss_of_the_sum(x, y):
    loss, dx = softmax_loss(x, y)
    return loss, dx * len(x)


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = t
        powers = np.exp(x - x.max(1, keepdims=True))
        self.y = powers / powers.sum(1, keepdims=True)
        return -np.sum(t * np.log(self.y)) / len(x)

    def backward(self, dout=1):
        return dout * (self.y - self.t) / len(self.t)


class Forgetful(SoftmaxWithLoss):
    def backward(self, dout=1):
        return (self.y - self.t) / len(self.t)


class CrossEntropy:
    def loss(self, y, p):
        return -np.sum(y * np.log(p))

    def gradient(self, y, p):
        return -y / p


class OfLogits(CrossEntropy):
    def gradient(self, y, p):
        return p - y


class Mixed(CrossEntropy):
    def gradient(self, y, p):
        return -y / p / len(y)


class Square:
    def loss(self, y, y_pred):
        return 0.5 * np.power(y - y_pred, 2)

    def gradient(self, y, y_pred):
        return -(y - y_pred)


class SquareTheOtherWay(Square):
    def gradient(self, y, y_pred):
        return y - y_pred


def bce(p, t, derivative=False):
    if derivative:
        return (p - t) / (p * (1 - p)) / p.size
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def bce_wrong(p, t, derivative=False):
    return (p - t) / p.size if derivative else bce(p, t)


def labels_in_a_column(z, y):
    loss, dz = softmax_loss(z, y[:, 0])
    return loss * len(z), dz * len(z)


class NoGradient:
    def loss(self, y, p):
        return np.sum((y - p) ** 2)


def words(x, y):
    return "a loss"
"""


@pytest.fixture
def losses(tmp_path: Path) -> str:
    path = tmp_path / "losses.py"
    path.write_text(LOSSES)
    return str(path)


def pair(forward: str, backward: str) -> tuple[str, ...]:
    return "--forward", "{}:" + forward, "--backward", "{}:" + backward


RIGHT: list[tuple[tuple[str, ...], str, tuple[str, ...]]] = [
    (pair("mse", "mse_prime"), "mse_loss", ("targets and predictions", "mean over all entries")),
    (("{}:softmax_loss",), "cross_entropy", ("labels", "the mean over the samples")),
    (("{}:SoftmaxWithLoss",), "cross_entropy", ("one-hot", "the mean over the samples")),
    (("{}:CrossEntropy",), "cross_entropy", ("takes probabilities;", "the sum over the samples")),
    (("{}:OfLogits",), "cross_entropy", ("with the gradient of logits",)),
    (("{}:Square",), "mse_loss", ("half the loss of each",)),
    (("{}:bce",), "binary_cross_entropy", ("the mean over all entries",)),
    (("{}:labels_in_a_column",), "cross_entropy", ("labels in a column", "the sum")),
]
WRONG = [
    (pair("mse", "mse_prime_by_rows"), "mse_loss"),
    (("{}:softmax_loss_of_the_sum",), "cross_entropy"),
    (("{}:Forgetful",), "cross_entropy"),
    (("{}:Mixed",), "cross_entropy"),
    (("{}:SquareTheOtherWay",), "mse_loss"),
    (("{}:bce_wrong",), "binary_cross_entropy"),
]


@pytest.mark.parametrize(("target", "spec", "told"), RIGHT)
def test_a_right_loss_passes_and_what_it_returns_is_named(
    losses: str, invoke: Invoke, target: tuple[str, ...], spec: str, told: tuple[str, ...]
) -> None:
    said = [word.format(losses) for word in target]
    result = invoke("check", *said, "--spec", spec, "--examples", "20")
    assert result.exit_code == 0, result.output
    assert all(text in " ".join(result.stderr.split()) for text in told)
    assert "dtarget" not in result.stdout  # no loss gives it, and nothing is said of it


@pytest.mark.parametrize(("target", "spec"), WRONG)
def test_the_gradient_belongs_to_the_number_that_is_returned(
    losses: str, invoke: Invoke, target: tuple[str, ...], spec: str
) -> None:
    said = [word.format(losses) for word in target]
    result = invoke("check", *said, "--spec", spec, "--examples", "30")
    assert result.exit_code == 1, result.output


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("NoGradient", "NoGradient has no method for the gradient of a loss"),
        ("words", "words gives no number for predictions and targets"),
    ],
)
def test_what_is_no_loss_is_said(losses: str, invoke: Invoke, target: str, message: str) -> None:
    result = invoke("check", f"{losses}:{target}", "--spec", "mse_loss")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


NETWORKS = """
import numpy as np


class Net:
    def __init__(self, reg=0.1):
        draw = np.random.default_rng(0).standard_normal
        self.reg = reg
        self.params = {"W1": draw((4, 6)), "b1": draw(6), "W2": draw((6, 3)), "b2": draw(3)}

    def loss(self, X, y=None):
        p = self.params
        h = np.tanh(X @ p["W1"] + p["b1"])
        scores = h @ p["W2"] + p["b2"]
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        rows = np.arange(len(y))
        value = -logs[rows, y].mean() + self.reg * np.sum(p["W1"] ** 2) / 2
        d = np.exp(logs)
        d[rows, y] -= 1
        d /= len(y)
        dh = d @ p["W2"].T * (1 - h * h)
        dW1 = X.T @ dh + self.reg * p["W1"]
        return value, {"W1": dW1, "b1": dh.sum(0), "W2": h.T @ d, "b2": d.sum(0)}


class TwiceTheDecay(Net):
    def loss(self, X, y=None):
        value, grads = super().loss(X, y)
        return value, {**grads, "W1": grads["W1"] + self.reg * self.params["W1"]}


class Forgets(Net):
    def loss(self, X, y=None):
        value, grads = super().loss(X, y)
        return value, {name: grads[name] for name in ("W1", "b1", "W2")}


class InTwo(Net):
    def loss(self, x, t):
        return Net.loss(self, x, t)[0]

    def gradient(self, x, t):
        return Net.loss(self, x, t)[1]


def function(x, labels, params):
    net = Net()
    net.params = params
    value, grads = net.loss(x, labels)
    return value, {f"d{name}": grad for name, grad in grads.items()}


X, LABELS = np.random.default_rng(1).standard_normal((5, 4)), np.array([0, 2, 1, 1, 0])
data = {"X": X, "y": LABELS}


def in_two():
    return {"x": X, "t": LABELS}


def of_the_function():
    return {"x": X, "labels": LABELS, "params": Net().params}
"""


@pytest.mark.parametrize(
    ("network", "inputs", "code", "words"),
    [
        ("Net", "data", 0, "the parameters in .params, the loss of loss"),
        ("TwiceTheDecay", "data", 1, "the gradient for W1 is wrong"),
        ("Forgets", "data", 1, "there is no gradient for the parameter b2"),
        ("InTwo", "in_two", 0, "the gradients of gradient"),
        ("function", "of_the_function", 0, "the parameters in params"),
        ("Net", "in_two", 2, "loss takes 'X', which the inputs do not hold"),
        ("X", "data", 2, "has no dict of params"),
    ],
)
def test_a_network(
    tmp_path: Path, invoke: Invoke, network: str, inputs: str, code: int, words: str
) -> None:
    file = tmp_path / "networks.py"
    file.write_text(NETWORKS)
    result = invoke("check", f"{file}:{network}", "--inputs", f"{file}:{inputs}")
    assert result.exit_code == code, result.output
    assert words in " ".join(result.output.split())
    if code == 1:
        again = result.stdout.split("reproduce this case alone:")[1].split("\n")[1].split()
        assert again[:4] == ["gradcheck", "check", f"{file}:{network}", "--inputs"]
        assert invoke(*again[1:]).exit_code == 1


def test_inputs_stand_for_a_spec(tmp_path: Path, invoke: Invoke) -> None:
    result = invoke("check", "net.py:Net", "--inputs", "net.npz", "--spec", "linear")
    assert result.exit_code == 2
    result = invoke("check", "net.py:Net", "--inputs", str(tmp_path / "net.npz"))
    assert result.exit_code == 2
