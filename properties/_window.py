"""Windows along one axis of an image, and Hypothesis strategies of them.

Built backwards, from the number of windows to the size of the image, so that nothing is drawn and
thrown away: every window of the ranges comes, the inexact floor and the gap between windows too.

Examples
--------
>>> from hypothesis import given
>>> @given(windows(stride=(1, 2, 3), padding=(0, 1)))
... def test_size(w):
...     assert w.out == (w.size + 2 * w.padding - w.dilation * (w.kernel - 1) - 1) // w.stride + 1
>>> test_size()
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._axis import axis_table, output_size
from ._class import everything
from ._drawn import drawn

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from ._drawn import Below

RANGES: dict[str, tuple[int, ...]] = {
    "ceil": (0,),
    "out": (1, 2, 3, 4),
    "kernel": (1, 2, 3, 4),
    "stride": (1, 2, 3, 4),
    "dilation": (1, 2, 3),
    "padding": (0, 1, 2, 3),
}


@dataclass(frozen=True, kw_only=True)
class Window:
    """How a kernel slides along one axis.

    Attributes
    ----------
    size : int
        Entries of the axis.
    kernel, stride, padding, dilation : int
        As ``torch.nn.functional`` names them; ``padding`` on both sides.
    ceil_mode : bool
        Whether a last window may hang over the far edge.
    """

    size: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    ceil_mode: bool = False

    @property
    def out(self) -> int:
        """Number of windows, as torch counts them.

        >>> Window(size=8, kernel=3, stride=2).out
        3
        >>> Window(size=8, kernel=3, stride=2, ceil_mode=True).out
        4
        """
        return int(
            output_size(
                self.size, self.kernel, self.stride, self.dilation, self.padding, self.ceil_mode
            )
        )


def windows(
    *,
    out: int | Iterable[int] = RANGES["out"],
    kernel: int | Iterable[int] = RANGES["kernel"],
    stride: int | Iterable[int] = RANGES["stride"],
    padding: int | Iterable[int] = RANGES["padding"],
    dilation: int | Iterable[int] = RANGES["dilation"],
    ceil_mode: bool | Iterable[bool] = False,
) -> SearchStrategy[Window]:
    """Return a strategy of windows; each setting is a value or a choice of them.

    Shrinks to few windows, a small kernel and stride 1. Axes longer than 12 entries come only with
    the two smallest numbers of windows that are asked for.

    Raises
    ------
    ValueError
        If no axis has such windows.
    """
    asked = {
        "ceil": ceil_mode, "out": out, "kernel": kernel, "stride": stride, "dilation": dilation,
        "padding": padding,
    }  # fmt: skip
    table = axis_table({name: _choice(name, value) for name, value in asked.items()}, everything)
    if not len(table):
        raise ValueError(f"no axis has windows of {asked}")

    def window(below: Below) -> Window:
        row = table.choice().draw(below)
        return Window(
            size=row.size, kernel=row.kernel, stride=row.stride, padding=row.padding,
            dilation=row.dilation, ceil_mode=bool(row.ceil),
        )  # fmt: skip

    return drawn(window)


def _choice(name: str, value: int | Iterable[int]) -> tuple[int, ...]:
    chosen = (int(value),) if isinstance(value, int) else tuple(map(int, value))
    least = 0 if name in ("padding", "ceil") else 1
    if not chosen or min(chosen) < least:
        raise ValueError(f"{name}={value!r}; each is {least} or more")
    return chosen
