"""Patterns: which entries of an input each output may depend on, by plain index arithmetic.

Each function returns flat rows (of the output) and columns (of the input) for each input.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from ._windows import bordered, sliding

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array

    Places = dict[str, tuple[Array, Array]]


def convolution(case: Case) -> Places:
    """Return the places of a convolution: a window in every channel of the output's group."""
    return _convolved(case, sliding(case))


def bordered_convolution(case: Case) -> Places:
    """Return the places of a convolution whose border reads the image again."""
    return _convolved(case, bordered(case))


def transposed_convolution(case: Case) -> Places:
    """Return the places of a transposed convolution: those of the convolution that it undoes."""
    outer, inner, kernel = _products(case, sliding(case))
    outputs = np.arange(prod(case.shape("output")))
    return {"x": (inner, outer), "weight": (inner, kernel), "bias": (outputs, _channels(case))}


def _convolved(case: Case, windows: Array) -> Places:
    outer, inner, kernel = _products(case, windows)
    outputs = np.arange(prod(case.shape("output")))
    return {"x": (outer, inner), "weight": (outer, kernel), "bias": (outputs, _channels(case))}


def _channels(case: Case) -> Array:
    """Return the channel of each output."""
    _, channels, *out = case.shape("output")
    return np.arange(prod(case.shape("output"))) // prod(out) % channels


def _products(case: Case, windows: Array) -> tuple[Array, Array, Array]:
    """Return the places that meet in each product: a window's, its image's and the kernel's."""
    outer, inner, *kernel = case.shape("weight")
    batch, groups = case.shape("x")[0], case.config["groups"]
    image = case.shape("output" if "output_padding" in case.config else "x")
    n, o, p, c, k = (
        a.ravel() for a in np.indices((batch, outer, len(windows), inner, prod(kernel)), np.int32)
    )
    inside = windows[p, k] >= 0
    n, o, p, c, k = (a[inside].astype(np.int64) for a in (n, o, p, c, k))
    channel = n * groups * inner + o // (outer // groups) * inner + c
    return (
        (n * outer + o) * len(windows) + p,
        channel * prod(image[2:]) + windows[p, k],
        (o * inner + c) * prod(kernel) + k,
    )


def linear(case: Case) -> Places:
    """Return the places of ``linear``: a row of ``x`` and a row of ``weight``."""
    (batch, fan_in), (fan_out, _) = case.shape("x"), case.shape("weight")
    n, o, i = (a.ravel() for a in np.indices((batch, fan_out, fan_in)))
    row, outputs = n * fan_out + o, np.arange(batch * fan_out)
    return {
        "x": (row, n * fan_in + i),
        "weight": (row, o * fan_in + i),
        "bias": (outputs, outputs % fan_out),
    }


def pool(windows: Callable[[Case], Array]) -> Callable[[Case], Places]:
    """Return the places of a pool: its window, in the same plane."""

    def places(case: Case) -> Places:
        found = windows(case)
        batch, channels, *sides = case.shape("x")
        plane, window, entry = (a.ravel() for a in np.indices((batch * channels, *found.shape)))
        inside = found[window, entry] >= 0
        rows, columns = plane * len(found) + window, plane * prod(sides) + found[window, entry]
        return {"x": (rows[inside], columns[inside])}

    return places


def entrywise(case: Case) -> Places:
    """Return the places of an element-wise layer: the diagonal; a slope serves its channel."""
    shape = case.shape("x")
    outputs = np.arange(prod(shape))
    places = {"x": (outputs, outputs)}
    if case.shapes.get("weight") is not None:
        (slopes,) = case.shape("weight")
        channel = np.indices(shape)[1].ravel() if len(shape) > 1 and slopes > 1 else 0 * outputs
        places["weight"] = (outputs, channel)
    return places
