from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from gradcheck.reference import batch_norm

# Integers and a variance of 4 without eps, so that nothing rounds.
X = np.array([[[1.0, 5.0, 5.0, 1.0]], [[1.0, 5.0, 1.0, 5.0]]])


def test_the_state_is_returned_not_kept() -> None:
    given: dict[str, Any] = {"running_mean": [1.0], "running_var": [2.0], "momentum": 0.5}
    mean, var = torch.tensor([1.0]).double(), torch.tensor([2.0]).double()
    torch.nn.functional.batch_norm(torch.tensor(X), mean, var, training=True, momentum=0.5)
    for _ in range(2):
        _, cache = batch_norm.forward(X, training=True, **given)
        assert cache.running_mean is not None
        assert cache.running_var is not None
        assert np.array_equal(mean.numpy(), cache.running_mean)
        assert abs(var.numpy() - cache.running_var).max() <= 4 * np.spacing(var.numpy()).max()


def test_a_batch_comes_to_mean_0_and_variance_1() -> None:
    y, _ = batch_norm.forward(X, training=True, eps=0.0)
    assert np.array_equal((X - 3) / 2, y)


def test_evaluation_needs_statistics() -> None:
    with pytest.raises(ValueError, match="running_mean and running_var are needed"):
        batch_norm.forward(X)


def test_one_entry_has_no_variance() -> None:
    with pytest.raises(ValueError, match="less than two entries"):
        batch_norm.forward(np.ones((1, 3)), training=True)


def test_a_weight_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"weight has shape \(2,\), x has 1 channels"):
        batch_norm.forward(X, np.ones(2), training=True)
