"""Tensors: arrays to torch and back; bfloat16 crosses by its bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcheck.floats import BFLOAT16, is_bfloat16, provide
from gradcheck.layer import Array


def to_tensor(array: Array, device: str = "cpu") -> Any:
    """Return a tensor with a copy of an array's numbers."""
    import torch

    held = np.array(array, order="C")
    if is_bfloat16(held.dtype):
        return torch.from_numpy(held.view(np.int16)).view(torch.bfloat16).to(device)
    return torch.from_numpy(held).to(device)


def to_array(tensor: Any) -> Array:
    """Return an array of a tensor's numbers, wherever they are."""
    import torch

    held = tensor.detach().cpu()
    if held.dtype is torch.bfloat16:
        provide(BFLOAT16)
        bits: Array = held.view(torch.int16).numpy()
        return bits.view(BFLOAT16)
    numbers: Array = held.numpy()
    return numbers
