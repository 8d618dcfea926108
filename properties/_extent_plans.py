"""Plans of what takes arrays whole: global pools and element-wise layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class, having
from ._table import Row

if TYPE_CHECKING:
    from gradcheck.case import Case

DTYPE = ("float64", "float32")

AXES = ("batch", "channels", "height", "width")

IMAGES = {"batch": (1, 2, 3), "channels": (1, 2, 3, 4), "height": (*range(1, 7),)}
IMAGES["width"] = IMAGES["height"]

ARRAYS = {"ndim": (1, 2, 3, 4), **dict.fromkeys(AXES, (1, 2, 3, 4))}


def full(table: Any) -> Any:
    """Demand length 1 of the axes that an array of ``ndim`` dimensions has not."""
    keep = True
    for place, axis in enumerate(AXES):
        keep &= (table.ndim > place) | (getattr(table, axis) == 1)
    return keep


def extents(sizes: Any) -> tuple[Any, ...]:
    """Return the shape."""
    return tuple(getattr(sizes, axis) for axis in AXES)[: getattr(sizes, "ndim", len(AXES))]


def read(case: Case) -> Row:
    """Return the sizes of a case."""
    shape = case.shape("x")
    padded = shape + (1,) * (len(AXES) - len(shape))
    return Row(ndim=len(shape), **dict(zip(AXES, padded, strict=True)))


def pooled_shapes(sizes: Any, _rows: Any, _columns: Any) -> dict[str, tuple[Any, ...]]:
    """Return the shapes of a global pool."""
    return {"x": extents(sizes), "output": (sizes.batch, sizes.channels, 1, 1)}


def entrywise_shapes(sizes: Any, _rows: Any, _columns: Any) -> dict[str, tuple[Any, ...]]:
    """Return the shapes of an element-wise layer."""
    return {"x": extents(sizes), "output": extents(sizes)}


POOLED = (
    Class(name="batch > 1", sizes=lambda s: s.batch > 1),
    Class(name="channels > 1", sizes=lambda s: s.channels > 1),
    Class(name="H != W", sizes=lambda s: s.height != s.width),
    Class(name="H < W", sizes=lambda s: s.height < s.width),
    Class(name="H > W", sizes=lambda s: s.height > s.width),
    Class(name="one-pixel image", sizes=lambda s: (s.height == 1) & (s.width == 1)),
    Class(
        name="image longer than 255",
        sizes=lambda s: (s.height > 255) | (s.width > 255),
        ranges={"sizes": {"height": (1, 2), "width": (256, 257), "batch": (1,), "channels": (1,)}},
    ),
    *DTYPES,
)
"""Classes of global pools."""

ENTRYWISE = (
    Class(name="batch > 1", sizes=lambda s: s.batch > 1),
    Class(name="1 dimension", sizes=lambda s: s.ndim == 1),
    Class(name="2 dimensions", sizes=lambda s: s.ndim == 2),
    Class(name="3 dimensions", sizes=lambda s: s.ndim == 3),
    Class(name="4 dimensions", sizes=lambda s: s.ndim == 4),
    Class(
        name="output longer than 255",
        sizes=lambda s: (s.batch > 255) | (s.channels > 255) | (s.height > 255) | (s.width > 255),
        ranges={"sizes": {"ndim": (2,), "batch": (1, 2), "channels": (256, 257)}},
    ),
    having("magnitudes to 800", data="wide"),
    *DTYPES,
)
"""Classes of element-wise layers."""

SIGNED = (having("positive inputs", data="positive"), having("negative inputs", data="negative"))
"""Classes of element-wise layers with a kink at 0, by the side of it."""
