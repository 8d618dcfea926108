"""What the cases of padding are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class, equal
from ._plan import Plan
from ._table import Row

if TYPE_CHECKING:
    from gradcheck.case import Case

AXES = {"width": ("left", "right"), "height": ("top", "bottom"), "depth": ("front", "back")}
"""The sides of each axis, in torch's order: the last axis first."""

SIDES = tuple(side for pair in AXES.values() for side in pair)

MODES = ("constant", "replicate", "reflect", "circular")

WIDE = ("constant", "replicate")
"""Modes that pad by more than the image holds."""

SIZES = {
    "axes": (1, 2, 3),
    "batch": (1, 2),
    "channels": (1, 2),
    "beyond": (0,),
    "width": (1, 2, 3, 4),
    "left": (0, 1, 2, 3),
    "right": (0, 1, 2, 3),
    "height": (1, 2, 3),
    "top": (0, 1, 2),
    "bottom": (0, 1, 2),
    "depth": (1, 2),
    "front": (0, 1),
    "back": (0, 1),
}
"""``beyond`` is 1 where a side is as long as the image or longer, which not every mode takes."""


def _coherent(sizes: Any) -> Any:
    """Demand nothing of the axes that an image has not, and of the others what ``beyond`` says."""
    absent, beyond = True, False
    for number, (axis, pair) in enumerate(AXES.items(), start=1):
        size, (before, after) = getattr(sizes, axis), (getattr(sizes, side) for side in pair)
        absent &= (sizes.axes >= number) | ((size == 1) & (before + after == 0))
        beyond |= ((before > 0) & (before >= size)) | ((after > 0) & (after >= size))
    return absent & (sizes.beyond == beyond)


def _pad(sizes: Row, _: Any) -> tuple[int, ...]:
    return tuple([getattr(sizes, side) for side in SIDES[: 2 * sizes.axes]])


def _value(_: Row, facts: dict[str, Any]) -> Any:
    """Return the constant; the other modes refuse any but 0."""
    return facts["value"] if facts["mode"] == "constant" else 0.0


def _shapes(sizes: Any, *_: Any) -> dict[str, tuple[Any, ...]]:
    own = [*AXES][: sizes.axes][::-1]
    image = [getattr(sizes, axis) for axis in own]
    padded = [
        size + sum(getattr(sizes, side) for side in AXES[axis])
        for size, axis in zip(image, own, strict=True)
    ]
    samples = sizes.batch, sizes.channels
    return {"x": (*samples, *image), "output": (*samples, *padded)}


def _read(case: Case) -> Row:
    (batch, channels, *image), pad = case.shape("x"), case.config["pad"]
    missing = len(AXES) - len(image)
    size = dict(zip(AXES, (*image[::-1], *(1,) * missing), strict=True))
    sides = dict(zip(SIDES, (*pad, *(0,) * (len(SIDES) - len(pad))), strict=True))
    beyond = int(any(sides[s] >= max(size[axis], 1) for axis in AXES for s in AXES[axis]))
    known = {"axes": len(image), "batch": batch, "channels": channels, "beyond": beyond}
    return Row(**known, **size, **sides)


def _along(name: str, axes: int) -> Class:
    return Class(name=name, sizes=lambda s: s.axes == axes)


def _places(sizes: Any) -> Any:
    return sum(getattr(sizes, side) for side in SIDES)


def _any_side(sizes: Any) -> Any:
    return _places(sizes) > 0


def _padding(mode: str) -> Class:
    return Class(name=f"{mode} padding", facts=equal(mode=mode), sizes=_any_side)


def _uneven(first: str, second: str) -> Class:
    def demand(sizes: Any) -> Any:
        return getattr(sizes, first) != getattr(sizes, second)

    return Class(name=f"{first} != {second}", sizes=demand)


PAD = Plan(
    spec="pad",
    config=("pad", "mode", "value"),
    facts={
        "mode": MODES,
        "value": (0.0, 0.0, 1.0, -3.0),
        "dtype": ("float64", "float32"),
        "data": ("plain",),
    },
    open_facts={"value": lambda value: isinstance(value, (int, float))},
    sizes=SIZES,
    coherent=_coherent,
    derived={"pad": _pad, "value": _value},
    shapes=_shapes,
    read=_read,
    classes=(
        Class(name="batch > 1", sizes=lambda s: s.batch > 1),
        Class(name="channels > 1", sizes=lambda s: s.channels > 1),
        _along("one axis", 1),
        _along("two axes", 2),
        _along("three axes", 3),
        *map(_padding, MODES),
        *(_uneven(*pair) for pair in AXES.values()),
        Class(name="nothing padded", sizes=lambda s: _places(s) == 0),
        Class(
            name="value other than 0",
            facts={"mode": lambda mode: mode == "constant", "value": lambda value: value != 0},
            sizes=_any_side,
        ),
        Class(
            name="two places or more",
            sizes=lambda s: (s.left > 1) & (s.right > 1),
        ),
        Class(
            name="padding of the image or more",
            facts={"mode": WIDE.__contains__},
            sizes=lambda s: s.beyond == 1,
            ranges={"sizes": {"beyond": (1,)}},
        ),
        *DTYPES,
    ),
)
