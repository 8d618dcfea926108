"""What `torch.autograd.gradcheck` accepts and this engine does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import gradcheck
from gradcheck import Verdict, adapt

Array = np.ndarray[Any, Any]
Backward = Callable[[Any, Any], Any]


def peer(forward: Callable[[Any], Any], backward: Backward, x: Array, **how: Any) -> bool:
    """Return whether torch accepts a hand-written backward."""

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            return backward(dy, ctx.saved_tensors[0])

    tensor = torch.tensor(x, requires_grad=True)
    accepted: bool = torch.autograd.gradcheck(Function.apply, (tensor,), **how)
    return accepted


def ours(forward: Callable[[Any], Any], backward: Backward, x: Array) -> Verdict:
    layer = adapt.functional(lambda x: (forward(x), x), backward)
    return gradcheck.check(layer, x=x).verdict


def x(*shape: int) -> Array:
    return np.random.default_rng(0).standard_normal(shape)


def leaving_out(share: float, cosine: Callable[[Any], Any]) -> Backward:
    def backward(dy: Any, x: Any) -> Any:
        dx = dy * cosine(x)
        dx[: int(len(x) * share)] = 0
        return dx

    return backward


@pytest.mark.parametrize(("n", "share"), [(1000, 0.009), (100_000, 0.3)])
def test_entries_zeroed_pass_its_fast_mode(n: int, share: float) -> None:
    assert peer(torch.sin, leaving_out(share, torch.cos), x(n), fast_mode=True)
    assert ours(np.sin, leaving_out(share, np.cos), x(n)) is Verdict.FAIL
    assert ours(np.sin, leaving_out(0, np.cos), x(n)) in (Verdict.PASS, Verdict.INCONCLUSIVE)


def test_a_zero_gradient_passes_where_the_true_one_is_small() -> None:
    assert peer(lambda x: 1e-6 * x, lambda dy, x: 0 * dy, x(5))
    assert ours(lambda x: 1e-6 * x, lambda dy, x: 0 * dy, x(5)) is Verdict.FAIL
    assert ours(lambda x: 1e-6 * x, lambda dy, x: 1e-6 * dy, x(5)) is Verdict.PASS


def test_abs_passes_at_zero() -> None:
    assert torch.autograd.gradcheck(
        torch.abs, (torch.zeros(3, dtype=torch.float64).requires_grad_(),)
    )
    assert ours(np.abs, lambda dy, x: dy * np.sign(x), np.zeros(3)) is Verdict.INCONCLUSIVE


def test_an_upstream_gradient_changed_in_place_passes() -> None:
    def by_torch(dy: Any, x: Any) -> Any:
        dx = 3 * dy.clone()
        dy.mul_(0)
        return dx

    def by_numpy(dy: Array, x: Array) -> Array:
        dx = 3 * dy
        dy *= 0
        return dx

    assert peer(lambda x: 3 * x, by_torch, x(5))
    assert ours(lambda x: 3 * x, by_numpy, x(5)) in (Verdict.FAIL, Verdict.ERROR)
    assert ours(lambda x: 3 * x, lambda dy, x: 3 * dy, x(5)) is Verdict.PASS


def test_a_backward_that_ignores_strides_passes() -> None:
    def by_torch(dy: Any, x: Any) -> Any:
        return 3 * torch.as_strided(dy, x.shape, x.stride())

    def by_numpy(dy: Array, x: Array) -> Array:
        flat = np.lib.stride_tricks.as_strided(dy, x.shape, x.strides)
        return 3 * flat

    assert peer(lambda x: 3 * x, by_torch, x(3, 4))
    assert ours(lambda x: 3 * x, by_numpy, x(3, 4)) is Verdict.FAIL
