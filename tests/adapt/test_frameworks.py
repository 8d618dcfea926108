"""Functions of frameworks, each with a right gradient of its own and a wrong one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt

X, W, B = (np.random.default_rng(0).standard_normal(shape) for shape in ((4, 3), (5, 3), (5,)))


def test_any_torch_function_is_a_layer() -> None:
    torch = pytest.importorskip("torch")
    right = adapt.torch(torch.nn.functional.linear, ("x", "weight", "bias"))
    assert gradcheck.check(right, x=X, weight=W, bias=B).verdict is Verdict.PASS
    detached = adapt.torch(lambda x: x * x.detach(), ("x",))
    assert gradcheck.check(detached, x=X).verdict is Verdict.FAIL


@pytest.mark.parametrize(("factor", "verdict"), [(2, Verdict.PASS), (3, Verdict.FAIL)])
def test_a_torch_function_with_a_backward_of_its_own(factor: int, verdict: Verdict) -> None:
    torch: Any = pytest.importorskip("torch")

    class Power(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, exponent: int = 2) -> Any:
            ctx.save_for_backward(x)
            return x**exponent

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            (x,) = ctx.saved_tensors
            return factor * x * dy, None

    assert gradcheck.check(adapt.torch(Power, ("x",)), x=X).verdict is verdict


@pytest.mark.parametrize(("factor", "verdict"), [(1, Verdict.PASS), (2, Verdict.FAIL)])
def test_a_torch_function_on_cuda(factor: int, verdict: Verdict) -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no GPU")

    def sine(x: Any) -> Any:
        part = factor * torch.sin(x)
        return part + (torch.sin(x) - part).detach()

    assert gradcheck.check(adapt.torch(sine, ("x",), device="cuda"), x=X).verdict is verdict


def test_half_precision_in_torch_is_held_against_float64() -> None:
    torch = pytest.importorskip("torch")
    exact, half = adapt.torch(torch.tanh, ("x",)), X.astype(np.float16)
    assert gradcheck.check(exact, x=half, against=exact).verdict is Verdict.PASS
    lost = adapt.torch(lambda x: 1.1 * torch.tanh(x), ("x",))
    assert gradcheck.check(lost, x=half, against=exact).verdict is Verdict.FAIL


def test_a_torch_function_without_its_bias() -> None:
    torch = pytest.importorskip("torch")
    linear = adapt.torch(torch.nn.functional.linear, ("x", "weight", "bias"))
    assert gradcheck.check(linear, x=X, weight=W, bias=None).verdict is Verdict.PASS


@pytest.mark.parametrize(("factor", "verdict"), [(1, Verdict.PASS), (2, Verdict.FAIL)])
def test_a_module_is_checked_with_its_own_parameters(factor: int, verdict: Verdict) -> None:
    torch: Any = pytest.importorskip("torch")

    class Shifted(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.shift = torch.nn.Parameter(torch.randn(3))
            self.norm = torch.nn.BatchNorm1d(3)

        def forward(self, x: Any) -> Any:
            part = factor * self.shift
            return torch.tanh(self.norm(x)) + part + (self.shift - part).detach()

    module = Shifted()
    kept = {name: value.clone() for name, value in module.state_dict().items()}
    layer = adapt.torch(module)
    assert layer.inputs == ("x", "shift", "norm.weight", "norm.bias")
    assert gradcheck.check(layer, x=X).verdict is verdict
    assert all(torch.equal(value, kept[name]) for name, value in module.state_dict().items())


def test_a_module_with_several_outputs_is_told_to_choose() -> None:
    torch = pytest.importorskip("torch")
    report = gradcheck.check(adapt.torch(torch.nn.LSTM(3, 2)), x=X)
    assert report.verdict is Verdict.ERROR
    assert "has one output" in report.reason


@pytest.mark.parametrize(("factor", "verdict"), [(2, Verdict.PASS), (3, Verdict.FAIL)])
def test_a_jax_function_with_a_custom_vjp(factor: int, verdict: Verdict) -> None:
    jax = pytest.importorskip("jax")

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def square(x: Any) -> Any:
        return x * x

    square.defvjp(lambda x: (x * x, x), lambda x, dy: (factor * x * dy,))
    assert gradcheck.check(adapt.jax(square, ("x",)), x=X).verdict is verdict


@pytest.mark.parametrize(("factor", "verdict"), [(2, Verdict.PASS), (3, Verdict.FAIL)])
def test_a_primitive_of_autograd(factor: int, verdict: Verdict) -> None:
    extend = pytest.importorskip("autograd.extend")
    square = extend.primitive(lambda x: x * x)
    extend.defvjp(square, lambda y, x: lambda dy: factor * x * dy)
    assert gradcheck.check(adapt.autograd(square, ("x",)), x=X).verdict is verdict


class Tensor:
    """A home-made tensor of three operations."""

    wrong = False

    def __init__(self, data: Any, parents: Any = ()) -> None:
        self.data, self.parents, self.grad = data, parents, np.zeros_like(data)

    def __mul__(self, other: Tensor) -> Tensor:
        mine, theirs = self.data, other.data
        parents = (
            (self, lambda g: g * theirs),
            (other, lambda g: g * (theirs if self.wrong else mine)),
        )
        return Tensor(mine * theirs, parents)

    def sum(self) -> Tensor:
        return Tensor(np.sum(self.data), ((self, lambda g: np.broadcast_to(g, self.data.shape)),))

    def backward(self, grad: Any = 1.0) -> None:
        self.grad = self.grad + grad
        for parent, back in self.parents:
            parent.backward(back(grad))


class Wrong(Tensor):
    wrong = True


@pytest.mark.parametrize("seed", ["", "argument", "product"])
def test_home_made_autograd(seed: str) -> None:
    def product(x: Tensor, weight: Tensor) -> Tensor:
        return x * weight

    names = ("x", "weight")
    right = adapt.tape(product, Tensor, names, seed=seed)
    assert gradcheck.check(right, x=X, weight=X + 1).verdict is Verdict.PASS

    def wrong(x: Tensor, weight: Tensor) -> Tensor:
        x.wrong = True
        return x * weight

    assert (
        gradcheck.check(adapt.tape(wrong, Tensor, names, seed=seed), x=X, weight=X + 1).verdict
        is Verdict.FAIL
    )


def test_a_derivative_alone() -> None:
    right = adapt.derivative(np.tanh, lambda y: 1 - y * y, of="y")
    assert gradcheck.check(right, x=X).verdict is Verdict.PASS
    assert (
        gradcheck.check(adapt.derivative(np.tanh, lambda y: 1 - y * y), x=X).verdict is Verdict.FAIL
    )

    def cube(x: Any, deriv: bool = False) -> Any:
        return 3 * x * x if deriv else x**3

    assert gradcheck.check(adapt.derivative(cube, "deriv"), x=X).verdict is Verdict.PASS


def test_a_closure() -> None:
    assert gradcheck.check(adapt.closure(lambda x: (x * x, lambda dy: 2 * x * dy)), x=X).passed
    assert not gradcheck.check(adapt.closure(lambda x: (x * x, lambda dy: x * dy)), x=X).passed


@pytest.mark.parametrize(("factor", "passes"), [(2, True), (3, False)])
def test_a_context_shared_by_forward_and_backward(factor: int, passes: bool) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx: Any, dy: Any) -> Any:
        return factor * ctx.saved_tensors[0] * dy

    assert gradcheck.check(adapt.context(forward, backward=backward), x=X).passed is passes
