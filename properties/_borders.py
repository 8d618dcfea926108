"""The oracle of convolutions with a border: torch's own, of an image that torch has padded."""

from __future__ import annotations

import warnings
from typing import Any

from ._bordered_plans import sides


def convolution(
    x: Any,
    weight: Any,
    bias: Any,
    *,
    stride: int,
    padding: Any,
    padding_mode: str,
    dilation: int,
    groups: int,
) -> Any:
    """Return torch's convolution of an image that is continued first, where it has to be.

    torch takes names itself, where the border is of zeros; pairs it takes as a padding alone.
    """
    from torch.nn import functional

    convolve = getattr(functional, f"conv{x.ndim - 2}d")
    settings = {"stride": stride, "dilation": dilation, "groups": groups}
    if padding_mode == "zeros" and (padding in ("same", "valid") or isinstance(padding, int)):
        with warnings.catch_warnings():  # torch tells that one more on the far side costs a copy
            warnings.filterwarnings("ignore", "Using padding='same'", UserWarning)
            return convolve(x, weight, bias, padding=padding, **settings)
    around = sides(padding, tuple(weight.shape[2:]), dilation)
    backwards = [places for side in reversed(around) for places in side]
    mode = "constant" if padding_mode == "zeros" else padding_mode
    return convolve(functional.pad(x, backwards, mode=mode), weight, bias, **settings)
