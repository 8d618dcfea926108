from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from gradcheck.reference import flatten


@pytest.mark.parametrize(("start", "end"), list(product(range(-4, 4), repeat=2)))
def test_every_pair_of_axes_is_as_in_torch(start: int, end: int) -> None:
    x = np.arange(120.0).reshape(2, 3, 4, 5)
    if start % 4 > end % 4:
        with pytest.raises(ValueError, match=f"start_dim={start} comes after end_dim={end}"):
            flatten.forward(x, start_dim=start, end_dim=end)
        return
    y, cache = flatten.forward(x, start_dim=start, end_dim=end)
    assert np.array_equal(torch.flatten(torch.tensor(x), start, end).numpy(), y)
    assert np.array_equal(x, flatten.backward(y, cache))


@pytest.mark.parametrize("axis", [-3, 2])
def test_an_axis_that_is_not_there_is_refused(axis: int) -> None:
    with pytest.raises(ValueError, match=f"start_dim={axis} is no axis"):
        flatten.forward(np.ones((2, 3)), start_dim=axis)
