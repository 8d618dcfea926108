"""Narrow: the cases of a contract, brought into the part of it that a layer knows.

A case that a layer cannot be told is not thrown away: its settings are made equal along the axes,
its kernel that of the layer, its channels one. So every case that is drawn is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.config import Config

if TYPE_CHECKING:
    from gradcheck.case import Case


@dataclass(frozen=True, kw_only=True)
class Narrow:
    """What a layer knows of a contract; a case is brought into it by calling it.

    Attributes
    ----------
    oracle : Oracle or Layer
        Says the shape of the output.
    settings : tuple of str
        Config keys that are one number for all axes.
    square : bool
        Whether kernels are square.
    window : tuple of int
        The one kernel that the layer knows; empty where it knows others.
    divides : bool
        Whether the stride has to divide what the kernel leaves of the image.
    channels : int
        The one number of channels that it knows; 0 where it knows others.
    """

    oracle: Any
    settings: tuple[str, ...] = ()
    square: bool = False
    window: tuple[int, ...] = ()
    divides: bool = False
    channels: int = 0

    def __bool__(self) -> bool:
        """Tell whether anything is left out."""
        return bool(self.settings or self.square or self.window or self.divides or self.channels)

    def __str__(self) -> str:
        return "the layer knows " + " and ".join(self._said())

    def _said(self) -> Iterator[str]:
        if self.settings:
            yield f"one {', one '.join(self.settings)} for all axes"
        if self.window:
            yield f"kernels of {' x '.join(map(str, self.window))}"
        elif self.square:
            yield "square kernels"
        if self.divides:
            yield "strides that divide"
        if self.channels:
            yield "one channel"

    def __call__(self, case: Case) -> Case | None:
        """Bring a case into what the layer knows; None where that leaves no output."""
        config = {key: self._setting(key, value) for key, value in case.config.items()}
        shapes: dict[str, Any] = dict(case.shapes)
        if "weight" in shapes and len(shapes["weight"]) > 2:
            shapes["weight"] = self._weight(shapes["weight"])
        if self.channels:
            shapes["x"] = (shapes["x"][0], self.channels, *shapes["x"][2:])
            config.update({"groups": 1} if "groups" in config else {})
        found = replace(case, config=Config(config), shapes=shapes)
        return self._with_output(found)

    def _setting(self, key: str, value: Any) -> Any:
        if key == "kernel_size" and self.window:
            return self.window
        single = key in self.settings or (key == "kernel_size" and self.square)
        if not single or not isinstance(value, tuple):
            return value
        return (min(value) if key in ("padding", "kernel_size") else max(value),) * len(value)

    def _weight(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        window = shape[2:]
        if self.square:
            window = (min(window),) * len(window)
        return (shape[0], self.channels or shape[1], *(self.window or window))

    def _with_output(self, case: Case) -> Case | None:
        """Grow an image that its window no longer fits into, and ask for the output's shape."""
        shapes: dict[str, Any] = dict(case.shapes)
        window = (shapes.get("weight") or ())[2:] or case.config.get("kernel_size", ())
        for axis, kernel in enumerate(window, 2):
            padding = _along(case.config.get("padding", 0), axis - 2)
            dilation = _along(case.config.get("dilation", 1), axis - 2)
            least = dilation * (kernel - 1) + 1 - 2 * padding
            extents = list(shapes["x"])
            extents[axis] = max(extents[axis], least, 1)
            over = (extents[axis] - least) % _along(case.config.get("stride", 1), axis - 2)
            extents[axis] -= over if self.divides and extents[axis] > over else 0
            shapes["x"] = tuple(extents)
        zeros = {n: None if s is None else np.zeros(s) for n, s in shapes.items() if n != "output"}
        try:
            output, _ = self.oracle(case.config).pull(**zeros)
        except Exception:  # no such case; the oracle says why, and nobody asks
            return None
        return replace(case, shapes={**shapes, "output": tuple(output.shape)})


def _along(value: Any, axis: int) -> int:
    return int(value[axis] if isinstance(value, (tuple, list)) else value)
