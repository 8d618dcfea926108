"""``gradcheck check``: strangers' layers from a file, right and wrong, and wrong usage."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

Invoke = Callable[..., Result]

STRANGE = """
import numpy as np

np.seterr(all="raise")
np.set_printoptions(precision=2)
np.random.seed(0)
print("loading")


class Dense:
    def __init__(self, in_features, out_features):
        self.params = {"W": np.random.randn(in_features, out_features), "b": np.zeros(out_features)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dy):
        print("going back")
        self.grads["W"] = self.x.T @ dy
        self.grads["b"] = dy.sum(0)
        return dy @ self.params["W"].T


class Bad(Dense):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["b"] = dy.mean(0)
        return dx


class MeanDense(Dense):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grads = {k: v / len(dy) for k, v in self.grads.items()}
        return dx


class OwnBias(Dense):
    def __init__(self, in_features, out_features):
        super().__init__(in_features, out_features)
        self.params["b"] = np.random.rand(out_features)

    def forward(self, x, save_cache=False):
        self.cache = {"x": x} if save_cache else {}
        return super().forward(x)

    def backward(self, dy):
        self.x = self.cache["x"]
        return super().backward(dy)


class OwnBiasMixed(OwnBias):
    def backward(self, dy):
        dx = super().backward(dy)
        self.grads["W"] /= len(dy)
        return dx


class Folded:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.random.rand(in_features, out_features), np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy, learning_rate):
        dx = dy @ self.W.T
        self.W -= learning_rate * (self.x.T @ dy)
        self.b -= learning_rate * dy.sum(0)
        return dx


class FoldedLate(Folded):
    def backward(self, dy, learning_rate):
        super().backward(dy, learning_rate)
        return dy @ self.W.T


class Mystery:
    def __init__(self, foo): ...


def thrice(x):
    return 3 * x


class Named:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, *, grad):
        return grad * self.mask


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def relu_backward_of_nothing(dout, cache):
    return dout
"""


@pytest.fixture
def strange(tmp_path: Path) -> str:
    path = tmp_path / "strange.py"
    path.write_text(STRANGE)
    return str(path)


def test_the_layer_of_a_file_passes_and_what_was_assumed_is_said(
    strange: str, invoke: Invoke
) -> None:
    result = invoke("check", f"{strange}:Dense", "--spec", "linear", "--examples", "20")
    assert result.exit_code == 0, result.output
    assert "assumed: gradients in .grads[W] and .grads[b]" in result.stderr
    assert "assumed: kernels IO" in result.stderr
    assert "1 PASS" in result.stdout
    assert "going back" not in result.output


def test_a_mixed_scale_is_a_failure_with_what_the_layer_printed(
    strange: str, invoke: Invoke
) -> None:
    result = invoke("check", f"{strange}:Bad", "--spec", "linear", "--examples", "20")
    assert result.exit_code == 1
    assert "d output[1, 0] / d bias[0]: backward 0.5, differences 1" in result.stdout
    assert "going back" in result.stderr


def test_a_mean_of_all_parameters_is_a_convention_that_is_named(
    strange: str, invoke: Invoke
) -> None:
    result = invoke("check", f"{strange}:MeanDense", "--spec", "linear", "--examples", "20")
    assert result.exit_code == 0
    assert "assumed: gradients of all parameters divided by the batch" in result.stderr
    said = invoke(
        *("check", f"{strange}:MeanDense", "--spec", "linear", "--examples", "20"),
        *("--reduction", "sum"),
    )
    assert said.exit_code == 1


@pytest.mark.parametrize(("name", "code"), [("OwnBias", 0), ("OwnBiasMixed", 1)])
def test_a_bias_that_is_drawn_when_the_layer_is_made_and_a_flag_to_keep_what_it_saw(
    strange: str, invoke: Invoke, name: str, code: int
) -> None:
    result = invoke("check", f"{strange}:{name}", "--spec", "linear", "--examples", "20")
    assert result.exit_code == code, result.output
    assert "narrowed to  bias=True" in result.stdout
    if code:
        assert "the gradient for weight" in result.stdout


@pytest.mark.parametrize(("name", "code"), [("Folded", 0), ("FoldedLate", 1)])
def test_a_gradient_taken_with_updated_parameters_is_called_so(
    strange: str, invoke: Invoke, name: str, code: int
) -> None:
    result = invoke("check", f"{strange}:{name}", "--spec", "linear", "--examples", "20")
    assert result.exit_code == code, result.output
    assert ("parameters that are updated already" in " ".join(result.stdout.split())) is bool(code)


@pytest.mark.parametrize(
    ("arguments", "width"), [(("check", "x.py:f", "--spec", "embedding"), 80), (("chek",), 80)]
)
def test_wrong_usage_is_told_in_80_columns(
    invoke: Invoke, arguments: tuple[str, ...], width: int
) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert max(map(len, result.stderr.splitlines())) <= width


@pytest.mark.parametrize(
    ("backward", "code"), [("relu_backward", 0), ("relu_backward_of_nothing", 1)]
)
def test_a_pair_of_functions(strange: str, invoke: Invoke, backward: str, code: int) -> None:
    pair = ("--forward", f"{strange}:relu_forward", "--backward", f"{strange}:{backward}")
    assert invoke("check", *pair, "--spec", "relu", "--examples", "20").exit_code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("{}:Mystery", "--spec", "linear"), "Mystery takes 'foo', whose meaning is not known"),
        (("{}:Nothing", "--spec", "linear"), "has no attribute 'Nothing'"),
        (("{}", "--spec", "linear"), "is no target; write path/to/file.py:Name"),
        (("none.py:Dense", "--spec", "linear"), "there is no file none.py"),
        (("no.such.module:Dense", "--spec", "linear"), "No module named"),
        (("{}:Dense", "--spec", "linaer"), "Did you mean"),
        (("{}:Dense",), "Missing option '--spec'"),
        (("--spec", "linear"), "give either TARGET or both --forward and --backward"),
        (("{}:Dense", "--spec", "linear", "--fix", "stride=2"), "--fix"),
        (("{}:Dense", "--spec", "linear", "--layout", "FOO"), "--layout FOO: it is one of NCHW"),
        (("{}:Dense", "--spec", "linear", "--grads", "weight=no"), "there is nothing at .no"),
        (("{}:np.pi", "--spec", "linear"), "neither a class, a function nor a layer"),
        (("{}:thrice", "--spec", "relu"), "no backward comes with its output: name the two"),
        (("{}:Named", "--spec", "relu"), "the backward of Named does not run at one point"),
    ],
)
def test_wrong_usage_is_said_and_ends_with_2(
    strange: str, invoke: Invoke, arguments: tuple[str, ...], message: str
) -> None:
    result = invoke("check", *(text.format(strange) for text in arguments))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_nothing_of_theirs_or_ours_is_left_changed(strange: str, invoke: Invoke) -> None:
    def state() -> tuple[Any, ...]:
        drawn = np.random.get_state()[1].tolist()  # type: ignore[index]
        return np.geterr(), np.get_printoptions(), random.getstate(), drawn, list(sys.path)

    before = state(), os.getcwd()
    invoke("check", f"{strange}:Dense", "--spec", "linear", "--examples", "5")
    assert (state(), os.getcwd()) == before


SLOPED = """
import numpy as np


def leaky(x, alpha=0.1):
    slope = np.where(x > 0, 1.0, alpha)
    return slope * x, lambda dy: dy * slope


def leaky_wrong(x, alpha=0.1):
    return leaky(x, alpha)[0], lambda dy: dy * np.where(x > 0, 1.0, 0.1)


def made(leak):
    class Leaky:
        def forward(self, x):
            self.slope = np.where(x > 0, 1.0, leak)
            return self.slope * x

        def backward(self, dy):
            return dy * self.slope

    return Leaky()


def made_wrong(leak):
    layer = made(leak)
    layer.backward = lambda dy: dy * (layer.slope > leak)
    return layer


class Elu:
    def __init__(self, alpha=0.3):
        self.alpha = alpha

    def __call__(self, x):
        return np.where(x > 0, x, self.alpha * (np.exp(x) - 1))

    def gradient(self, x):
        return np.where(x > 0, 1.0, self.alpha * np.exp(x))


class EluWrong(Elu):
    def gradient(self, x):
        return np.where(x > 0, 1.0, self(x))


class BuiltIn:
    def forward(self, x):
        self.slope = np.where(x > 0, 1.0, 0.15)
        return self.slope * x

    def backward(self, dy):
        return dy * self.slope


class BuiltInWrong(BuiltIn):
    def backward(self, dy):
        return dy * np.where(self.slope == 1.0, 1.0, 0.01)


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    p = powers / powers.sum(axis=-1, keepdims=True)
    return p, p


def softmax_back(dy, p):
    return p * (dy - (dy * p).sum(axis=-1, keepdims=True))
"""


@pytest.mark.parametrize(("name", "code"), [("leaky", 0), ("leaky_wrong", 1)])
def test_a_setting_that_has_a_default_is_told_all_the_same(
    tmp_path: Path, invoke: Invoke, name: str, code: int
) -> None:
    path = tmp_path / "sloped.py"
    path.write_text(SLOPED)
    result = invoke("check", f"{path}:{name}", "--spec", "leaky_relu", "--examples", "40")
    assert result.exit_code == code, result.output
    assert "alpha (negative_slope single)" in result.stderr


@pytest.mark.parametrize(("name", "code"), [("made", 0), ("made_wrong", 1)])
def test_an_argument_that_is_a_setting_of_the_spec_is_one_of_the_cases_too(
    tmp_path: Path, invoke: Invoke, name: str, code: int
) -> None:
    path = tmp_path / "sloped.py"
    path.write_text(SLOPED)
    layer = ("check", f"{path}:{name}", "--spec", "leaky_relu", "--fix", "leak=0.25")
    result = invoke(*layer, "--examples", "20")
    assert result.exit_code == code, result.output
    assert "narrowed to  negative_slope=0.25" in result.stdout


@pytest.mark.parametrize(
    ("name", "spec", "code", "said"),
    [
        ("Elu", "elu", 0, "alpha (alpha single)"),
        ("EluWrong", "elu", 1, "alpha (alpha single)"),
        ("BuiltIn", "leaky_relu", 0, "negative_slope is 0.15, built in"),
        ("BuiltInWrong", "leaky_relu", 1, "negative_slope is 0.15, built in"),
    ],
)
def test_a_constant_is_told_where_it_can_be_and_found_where_it_is_built_in(
    tmp_path: Path, invoke: Invoke, name: str, spec: str, code: int, said: str
) -> None:
    path = tmp_path / "sloped.py"
    path.write_text(SLOPED)
    result = invoke("check", f"{path}:{name}", "--spec", spec, "--examples", "12")
    assert result.exit_code == code, result.output
    assert said in result.stderr


def test_a_cache_may_have_the_name_of_a_setting(tmp_path: Path, invoke: Invoke) -> None:
    path = tmp_path / "sloped.py"
    path.write_text(SLOPED)
    pair = ("--forward", f"{path}:softmax", "--backward", f"{path}:softmax_back")
    result = invoke("check", *pair, "--spec", "softmax", "--examples", "12")
    assert "assumed: backward takes dy, cache" in result.stderr
    assert result.exit_code in (0, 3), result.output
