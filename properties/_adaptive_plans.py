"""What the cases of adaptive pools are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class, having
from ._plan import Plan
from ._table import Row

if TYPE_CHECKING:
    from gradcheck.case import Case

AXES = ("depth", "height", "width")

DTYPE = ("float64", "float32")

USUAL = (tuple(range(1, 8)), (1, 2, 3, 4), (1, 2, 3))
SMALL = ((1, 2, 3, 4), (1, 2, 3), (1, 2))
"""Values of an axis' places, of its windows, and of batch and channels: small of volumes."""

LONG = {"batch": (1,), "channels": (1,), "width": (3, 257), "out_width": (256, 257)}


def average(axes: int) -> Plan:
    """Return the plan of adaptive average pooling along so many axes."""
    return _plan("avg", axes, ("plain",))


def maximum(axes: int) -> Plan:
    """Return the plan of adaptive max pooling along so many axes."""
    return _plan("max", axes, ("plain", "negative", "overlap"))


def _plan(kind: str, axes: int, data: tuple[str, ...]) -> Plan:
    own = AXES[-axes:]
    size, out, few = SMALL if axes == 3 else USUAL
    return Plan(
        spec=f"adaptive_{kind}_pool{axes}d",
        config=("output_size",),
        derived={"output_size": lambda s, _: tuple([getattr(s, f"out_{axis}") for axis in own])},
        facts={"dtype": DTYPE, "data": data},
        sizes={
            "batch": few,
            "channels": few,
            **dict.fromkeys(own, size),
            **{f"out_{axis}": out for axis in own},
        },
        shapes=lambda s, *_: _shapes(s, own),
        read=_read,
        classes=(*_classes(own), *_rectangular(own), *_maxima(data), *DTYPES),
    )


def _shapes(sizes: Any, own: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    return {
        "x": (sizes.batch, sizes.channels, *(getattr(sizes, axis) for axis in own)),
        "output": (sizes.batch, sizes.channels, *(getattr(sizes, f"out_{axis}") for axis in own)),
    }


def _read(case: Case) -> Row:
    batch, channels, *sides = case.shape("x")
    own, out = AXES[-len(sides) :], case.config["output_size"]
    outs = {f"out_{axis}": number for axis, number in zip(own, out, strict=True)}
    return Row(batch=batch, channels=channels, **dict(zip(own, sides, strict=True)), **outs)


def _some(own: tuple[str, ...], demand: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Demand it of the places and the windows of one axis at least."""

    def holds(sizes: Any) -> Any:
        found = False
        for axis in own:
            found = found | demand(getattr(sizes, axis), getattr(sizes, f"out_{axis}"))
        return found

    return holds


def _all(own: tuple[str, ...], demand: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Demand it of every axis."""

    def holds(sizes: Any) -> Any:
        found = True
        for axis in own:
            found = found & demand(getattr(sizes, axis), getattr(sizes, f"out_{axis}"))
        return found

    return holds


def _classes(own: tuple[str, ...]) -> tuple[Class, ...]:
    return (
        Class(name="batch > 1", sizes=lambda s: s.batch > 1),
        Class(name="channels > 1", sizes=lambda s: s.channels > 1),
        Class(name="one window", sizes=_all(own, lambda n, out: (out == 1) & (n > 1))),
        Class(
            name="windows of one size",
            sizes=_all(own, lambda n, out: (n % out == 0) & (n > out) & (out > 1)),
        ),
        Class(
            name="windows overlap",
            sizes=_some(own, lambda n, out: (n % out != 0) & (n > out)),
        ),
        Class(name="windows of one place", sizes=_all(own, lambda n, out: (n == out) & (n > 1))),
        Class(name="more windows than places", sizes=_some(own, lambda n, out: out > n)),
        Class(name="one-pixel image", sizes=_all(own, lambda n, _: n == 1)),
        Class(
            name="output longer than 255",
            sizes=_some(own, lambda _, out: out > 255),
            ranges={"sizes": {**dict.fromkeys((*own, *(f"out_{a}" for a in own)), (1, 2)), **LONG}},
        ),
    )


def _rectangular(own: tuple[str, ...]) -> tuple[Class, ...]:
    """Return the classes of what has rows and columns."""
    if len(own) == 1:
        return ()
    return (
        Class(name="H < W", sizes=lambda s: s.height < s.width),
        Class(name="H > W", sizes=lambda s: s.height > s.width),
        Class(name="OH < OW", sizes=lambda s: s.out_height < s.out_width),
        Class(name="OH > OW", sizes=lambda s: s.out_height > s.out_width),
    )


def _maxima(data: tuple[str, ...]) -> tuple[Class, ...]:
    """Return the classes by kind of data, of maxima."""
    if "negative" not in data:
        return ()
    return (having("negative data", data="negative"), having("shared maximum", data="overlap"))
