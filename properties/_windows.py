"""Windows: where the windows of a pooling layer lie on a plane, by plain index arithmetic."""

from __future__ import annotations

from math import gcd, prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ._axis import axes_of
from ._bordered_plans import sides

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array

    from ._table import Row


def sliding(case: Case) -> Array:
    """Return the entries of each window, row by row, for windows that slide.

    Parameters
    ----------
    case : Case
        A case of a kind that slides windows over images.

    Returns
    -------
    windows : Array
        Shape (windows, entries of one): flat indices into an image, -1 where the window sticks into
        the padding or over the edge.
    """
    depth, rows, columns = axes_of(case)
    z, y, x = _along(depth), _along(rows), _along(columns)
    z, y = z[:, None, None, :, None, None], y[:, None, None, :, None]
    x = x[:, None, None, :]
    flat = np.where((z >= 0) & (y >= 0) & (x >= 0), (z * rows.size + y) * columns.size + x, -1)
    windows: Array = flat.reshape(depth.out * rows.out * columns.out, -1)
    return windows


def bordered(case: Case) -> Array:
    """Return the same for windows over an image with a border, by padding its places' numbers.

    NumPy's own padding is the judge here: its modes of these names are torch's.
    """
    config, size, kernel = case.config, case.shape("x")[2:], case.shape("weight")[2:]
    mode = {"zeros": "constant", "replicate": "edge", "circular": "wrap"}.get(
        config["padding_mode"], config["padding_mode"]
    )
    places = 1 + np.arange(prod(size)).reshape(size)  # 0: off the image
    read = np.pad(places, sides(config["padding"], kernel, config["dilation"]), mode)
    spans = [config["dilation"] * (k - 1) + 1 for k in kernel]
    every = [slice(None, None, config["stride"])] * len(kernel)
    each = [slice(None, None, config["dilation"])] * len(kernel)
    windows: Array = sliding_window_view(read, spans)[(*every, *each)].reshape(-1, prod(kernel)) - 1
    return windows


def whole(case: Case) -> Array:
    """Return the one window of a global pool: every entry of the plane."""
    height, width = case.shape("x")[2:]
    return np.arange(height * width)[None, :]


def most_covering(case: Case) -> int:
    """Return how many windows may hold one entry, at most."""
    return prod(map(_covering, axes_of(case)))


def _along(axis: Row) -> Array:
    """Return the places (window, entry) along an axis, -1 off the image."""
    window, entry = np.arange(axis.out)[:, None], np.arange(axis.kernel)
    place = window * axis.stride - axis.padding + entry * axis.dilation
    return np.where((place >= 0) & (place < axis.size), place, -1)


def _covering(axis: Row) -> int:
    """Count the entries of a kernel that fall on one place, over all windows.

    Entry ``i`` falls on a place only if ``i dilation`` is congruent to it modulo the stride: every
    ``stride / gcd(stride, dilation)``-th entry at most.
    """
    period = axis.stride // gcd(axis.stride, axis.dilation)
    return int(min(axis.out, -(-axis.kernel // period)))
