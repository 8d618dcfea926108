"""Float32 gradients are judged in units in the last place: what loses digits is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gradcheck
from gradcheck import Verdict, adapt
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.registry import load_layer, load_spec

Array = npt.NDArray[Any]
Backward = Callable[[Array, Any], Any]

NOTE = "relative accuracy"
SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
X = np.linspace(-4.03, 3.97, 60).astype(np.float32)


def pair(f: Callable[[Array], Any], slope: Callable[[Array], Any]) -> Any:
    """Return a layer whose backward scales the cotangent by a slope in the dtype of x."""
    return adapt.functional(
        lambda x: (f(x), x), lambda dy, x: (dy * slope(x)).astype(x.dtype), inputs=("x",)
    )


def selu(x: Array) -> Array:
    return np.where(x > 0, SCALE * x, SCALE * ALPHA * np.expm1(np.minimum(x, 0)))


def selu_slope(scale: float, alpha: float = ALPHA) -> Callable[[Array], Any]:
    return lambda x: np.where(x > 0, scale, scale * alpha * np.exp(np.minimum(x, 0)))


def gelu(x: Array) -> Any:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu_slope(root: float) -> Callable[[Array], Any]:
    def slope(x: Array) -> Any:
        t = np.tanh(root * (x + 0.044715 * x**3))
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * root * (1 + 3 * 0.044715 * x * x)

    return slope


def cubic(third: float) -> Callable[[Array], Any]:
    return lambda x: 3 * third * x * x


def tanh_slope(x: Array) -> Any:
    return 4 * np.exp(-2 * np.abs(x)) / (1 + np.exp(-2 * np.abs(x))) ** 2


def alone(layer: Any, x: Array = X) -> Any:
    return gradcheck.check(layer, x=x)


def narrowed(slope: Callable[[Array], Any], dtype: Any) -> Callable[[Array], Any]:
    """Return a slope that passes through a buffer of a dtype."""
    return lambda x: slope(x).astype(dtype)


def series(x: Array) -> Any:
    """Return the integral of (exp(t) - 1) / t from 0, by its series."""
    total, term = np.zeros_like(x), np.ones_like(x)
    for k in range(1, 40):
        term = term * x / k
        total = total + term / k
    return total


def inverse_softplus(x: Array) -> Any:
    return x + np.log(-np.expm1(-x))


TWINS: dict[str, tuple[Any, Any]] = {
    "selu's scale": (pair(selu, selu_slope(1.0507)), pair(selu, selu_slope(SCALE))),
    "gelu's root": (pair(gelu, gelu_slope(0.7978)), pair(gelu, gelu_slope(math.sqrt(2 / math.pi)))),
    "a third": (pair(lambda x: x**3 / 3, cubic(0.33333)), pair(lambda x: x**3 / 3, cubic(1 / 3))),
    "a float16 buffer": (
        pair(np.tanh, narrowed(tanh_slope, np.float16)),
        pair(np.tanh, tanh_slope),
    ),
}


SMALL = ((X / 4) ** 5 + 1e-7).astype(np.float32)

NEAR_ZERO: dict[str, tuple[Any, Any, Array]] = {
    "(exp(x) - 1) / x": (
        pair(series, lambda x: (np.exp(x) - 1) / x), pair(series, lambda x: np.expm1(x) / x), SMALL,
    ),
    "1 / (1 - exp(-x))": (
        pair(inverse_softplus, lambda x: 1 / (1 - np.exp(-x))),
        pair(inverse_softplus, lambda x: -1 / np.expm1(-x)),
        (X**2 + 1e-3).astype(np.float32),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NEAR_ZERO)
def test_cancellation_where_the_layer_is_steep_fails(name: str) -> None:
    losing, careful, x = NEAR_ZERO[name]
    assert alone(losing, x).verdict is Verdict.FAIL
    assert alone(careful, x).verdict is Verdict.PASS


@pytest.mark.parametrize("name", TWINS)
def test_what_fails_in_float32_fails_in_float64(name: str) -> None:
    losing, careful = TWINS[name]
    assert alone(losing, X.astype(np.float64)).verdict is Verdict.FAIL
    assert alone(careful, X.astype(np.float64)).verdict is Verdict.PASS


def softmax(buffer: Any) -> Any:
    """Return a softmax whose backward sums in a buffer of a dtype, or in that of the cotangent."""

    def forward(x: Array) -> tuple[Array, Array]:
        z = np.exp(x - x.max(-1, keepdims=True))
        y = z / z.sum(-1, keepdims=True)
        return y, y

    def backward(dy: Array, y: Array) -> Any:
        total = (dy * y).sum(-1, keepdims=True, dtype=buffer)
        return y * (dy - total.astype(dy.dtype))

    return adapt.functional(forward, backward, inputs=("x",))


@pytest.mark.parametrize(
    ("buffer", "dtype"),
    [(np.float16, np.float32), (np.float16, np.float64), (np.float32, np.float64)],
)
def test_a_sum_in_a_narrow_buffer_fails(buffer: Any, dtype: Any) -> None:
    x = np.random.default_rng(0).normal(size=(2, 5)).astype(dtype)
    assert alone(softmax(buffer), x).verdict is Verdict.FAIL
    assert alone(softmax(None), x).verdict is Verdict.PASS


@pytest.mark.parametrize("name", TWINS)
def test_digits_lost_where_they_matter_fail_without_an_oracle(name: str) -> None:
    report = alone(TWINS[name][0])
    assert report.verdict is Verdict.FAIL
    assert alone(TWINS[name][1]).verdict is Verdict.PASS


def test_a_careful_gradient_has_no_note() -> None:
    for careful in (TWINS["a float16 buffer"][1], TWINS["a third"][1], TWINS["selu's scale"][1]):
        report = alone(careful)
        assert NOTE not in {note.name for note in report.notes}


def bfloat16(slope: Array) -> Any:
    """Round float32 to the upper half of its bits: bfloat16, toward zero."""
    return (slope.astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)


def test_a_buffer_of_bfloat16_fails_in_float32() -> None:
    assert alone(pair(np.tanh, lambda x: bfloat16(tanh_slope(x)))).verdict is Verdict.FAIL


def test_a_buffer_of_float32_is_no_error_in_float32() -> None:
    narrow = pair(np.tanh, narrowed(tanh_slope, np.float32))
    assert alone(narrow).verdict is Verdict.PASS
    assert alone(narrow, X.astype(np.float64)).verdict is Verdict.FAIL


def test_a_constant_of_float32_is_no_error_in_float32() -> None:
    narrow = pair(lambda x: np.pi * np.sin(x), lambda x: float(np.float32(np.pi)) * np.cos(x))
    assert alone(narrow).verdict is Verdict.PASS
    assert alone(narrow, X.astype(np.float64)).verdict is Verdict.FAIL


@pytest.mark.parametrize("size", [2, 7])
@pytest.mark.parametrize("name", ["softmax", "layer_norm"])
def test_entries_that_talk_are_not_held_to_the_bound_of_one(name: str, size: int) -> None:
    torch = pytest.importorskip("torch")
    functions = {
        "softmax": lambda x: torch.nn.functional.softmax(x, -1),
        "layer_norm": lambda x: torch.nn.functional.layer_norm(x, (size,)),
    }
    for seed in range(10):
        x = np.random.default_rng(seed).normal(size=(2, size)).astype(np.float32)
        case = Case(shapes={"x": x.shape}, given={"x": x}, dtype="float32", seed=seed)
        subject = Subject(layer=framework(functions[name]), checks=("differences",))
        assert examine(subject, case).verdict is not Verdict.FAIL


CANCELLING: dict[str, tuple[Any, Any, Any, Array]] = {
    "exp(x) - 1": (
        lambda x: np.expm1(x) - x,
        lambda x: np.exp(x) - 1,
        np.expm1,
        (np.linspace(-1, 1, 30) ** 3).astype(np.float32),
    ),
    "1 - tanh^2": (np.tanh, lambda x: 1 - np.tanh(x) ** 2, tanh_slope, 2 * X),
}


@pytest.mark.parametrize("name", CANCELLING)
def test_digits_lost_below_the_scale_are_a_note(name: str) -> None:
    f, losing, careful, x = CANCELLING[name]
    found, twin = (alone(pair(f, slope), x) for slope in (losing, careful))
    assert (found.verdict, twin.verdict) == (Verdict.PASS, Verdict.PASS)
    assert NOTE in {note.name for note in found.notes}
    assert NOTE not in {note.name for note in twin.notes}


def with_oracle(
    layer: Any, name: str, config: dict[str, Any], seed: int = 0, *, strict: bool = False
) -> Outcome:
    spec = load_spec(name)
    case = Case(
        config=Config(config), shapes={"x": (400,), "output": (400,)}, dtype="float32", seed=seed
    )
    checks = ("differences", "oracle")
    subject = Subject(layer=layer, spec=spec, oracle=spec.oracle, checks=checks, strict=strict)
    return examine(subject, case)


def test_a_constant_cut_short_fails_beside_the_oracle() -> None:
    pytest.importorskip("torch")
    short, whole = TWINS["selu's scale"]
    assert with_oracle(short, "selu", {}).verdict is Verdict.FAIL
    assert with_oracle(whole, "selu", {}).verdict is Verdict.PASS


def test_a_float16_buffer_fails_beside_the_oracle() -> None:
    pytest.importorskip("torch")
    narrow, whole = TWINS["a float16 buffer"]
    assert with_oracle(narrow, "tanh", {}).verdict is Verdict.FAIL
    assert with_oracle(whole, "tanh", {}).verdict is Verdict.PASS


def named(name: str) -> Any:
    torch = pytest.importorskip("torch")
    return getattr(torch, name, None) or getattr(torch.nn.functional, name)


def framework(f: Any) -> Any:
    """Return torch's own function and backward as a layer."""
    torch = pytest.importorskip("torch")

    def forward(x: Array) -> tuple[Array, Any]:
        given = torch.tensor(np.array(x), requires_grad=True)
        output = f(given)
        return output.detach().numpy().copy(), (given, output)

    def backward(dy: Array, cache: Any) -> Array:
        given, output = cache
        (gradient,) = torch.autograd.grad(
            output, given, torch.tensor(np.array(dy)), retain_graph=True
        )
        found: Array = gradient.numpy().copy()
        return found

    return adapt.functional(forward, backward, inputs=("x",))


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "gelu"])
def test_torchs_own_backward_passes_with_a_note(name: str) -> None:
    report = alone(framework(named(name)), 2 * X)
    assert report.verdict is Verdict.PASS
    assert NOTE in {note.name for note in report.notes}


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_torchs_own_backward_passes_beside_the_oracle(name: str) -> None:
    found = with_oracle(framework(named(name)), name, {})
    assert found.verdict is Verdict.PASS
    assert NOTE in {note.name for note in found.notes}


@pytest.mark.parametrize("shift", [0, 100])
def test_squares_that_overflow_in_float16_widen_no_bound(shift: float) -> None:
    """Backward and forward agree with one another: the oracle's output alone can tell."""
    layer = adapt.functional(
        lambda x: (np.maximum(x, 0) + x.dtype.type(shift), x), lambda dy, x: dy * (x > 0)
    )
    shapes = {"x": (4, 4, 4, 3), "output": (4, 4, 4, 3)}
    case = Case(shapes=shapes, dtype="float16", data="wide", seed=7528)
    spec = load_spec("relu")
    subject = Subject(layer=layer, spec=spec, oracle=spec.oracle, checks=("oracle",))
    assert examine(subject, case).verdict is (Verdict.FAIL if shift else Verdict.PASS)


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_digits_lost_in_a_tail_fail_where_a_project_demands_them(name: str) -> None:
    """As `gradcheck gate` does of the layers that this project ships, which keep them."""
    pytest.importorskip("torch")
    found = with_oracle(framework(named(name)), name, {}, strict=True)
    assert found.failure is not None
    assert "loses relative digits below the layer's scale" in found.failure.message
    assert found.failure.discrepancy is not None
    careful = load_layer(name)[0]
    assert with_oracle(careful, name, {}, strict=True).verdict is Verdict.PASS
