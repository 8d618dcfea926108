"""Spans: in which windows an entry of the kernel lies on the image, and at which places.

Along one axis entry i of window o lies at ``o s - p + i d``: on an image of n places if

    ceil((p - i d) / s) <= o <= floor((n - 1 + p - i d) / s).

So one slice of the windows goes with one slice of the image, and whoever takes the entries of the
kernel one after another, each in all windows at once, never touches the padding and needs no room
for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ._geometry import Axis, Geometry
from ._types import Index


class Span(NamedTuple):
    """One entry of the kernel along one axis: its number, and two slices of one length."""

    entry: int
    windows: slice
    places: slice


@lru_cache(maxsize=4096)
def spans(axis: Axis) -> tuple[Span, ...]:
    """Return the span of each entry of the kernel that lies on the image in some window."""
    each = (_span(axis, entry) for entry in range(axis.kernel))
    return tuple([span for span in each if span.windows.start < span.windows.stop])


def along(axis: int, span: slice) -> Index:
    """Return the index of arrays (N, C, ...) that takes ``span`` of an axis behind the channels."""
    return (slice(None),) * (2 + axis) + (span,)


def steps(geometry: Geometry) -> Iterator[tuple[int, Axis]]:
    """Yield the number and the windows of each axis, the last one first."""
    return reversed([*enumerate(geometry.axes)])


def _span(axis: Axis, entry: int) -> Span:
    offset = entry * axis.dilation - axis.before
    first = max(0, -(offset // axis.stride))
    end = min(axis.out, (axis.size - 1 - offset) // axis.stride + 1)
    start = first * axis.stride + offset
    return Span(
        entry,
        slice(first, max(first, end)),
        slice(start, start + max(0, end - first - 1) * axis.stride + 1, axis.stride),
    )
