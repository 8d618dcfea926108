from __future__ import annotations

import numpy as np
import pytest
import torch
from gradcheck.reference import dropout


@pytest.mark.parametrize("p", [0.0, 0.25, 0.5, 0.9])
def test_it_is_torchs_with_the_mask_that_torch_drew(p: float) -> None:
    x = torch.tensor(np.random.default_rng(0).standard_normal((4, 5)), requires_grad=True)
    dy = np.random.default_rng(1).standard_normal((4, 5))
    torch.manual_seed(0)
    mask = torch.nn.functional.dropout(torch.ones_like(x), p).numpy() > 0
    torch.manual_seed(0)
    expected = torch.nn.functional.dropout(x, p)
    expected.backward(torch.tensor(dy))  # type: ignore[no-untyped-call]

    y, cache = dropout.forward(x.detach().numpy(), mask=mask, p=p)

    # Torch multiplies by 1 / (1 - p), rounded: three roundings against ours, two.
    bound = 5 * 2.0**-53
    assert x.grad is not None
    dx = dropout.backward(dy, cache)
    for mine, theirs in ((y, expected.detach().numpy()), (dx, x.grad.numpy())):
        assert (np.abs(mine - theirs) <= bound * np.abs(theirs)).all()


def test_whole_channels_are_dropped() -> None:
    mask = np.array([[True, False], [False, True]])[:, :, None, None]
    y, cache = dropout.forward(np.ones((2, 2, 3, 3)), mask=mask)
    assert np.array_equal(np.where(mask, 2.0, 0.0) * np.ones((2, 2, 3, 3)), y)
    assert np.array_equal(y, dropout.backward(np.ones_like(y), cache))


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_what_is_no_probability_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match=f"p={p}"):
        dropout.forward(np.ones(3), mask=np.ones(3), p=p)


def test_a_mask_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the mask has shape \(2,\), x has \(3,\)"):
        dropout.forward(np.ones(3), mask=np.ones(2))


def test_the_mask_may_change_before_the_backward() -> None:
    mask = np.array([1.0, 0.0])
    _, cache = dropout.forward(np.ones(2), mask=mask)
    mask[:] = 1
    assert np.array_equal(np.array([2.0, 0.0]), dropout.backward(np.ones(2), cache))
