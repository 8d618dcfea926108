"""Borders: images continued beyond their edges, and the adjoint, which folds the border back.

Along an axis of size n with ``before`` and ``after`` more places, place t of the padded axis reads
the image at ``s(t - before)``, where

    replicate  s(i) = min(max(i, 0), n - 1)                     the edge, again and again
    reflect    s(i) = |i| up to n - 1, then 2 (n - 1) - i       mirrored at the edge, the edge once
    circular   s(i) = i mod n                                   the image, again

Every place reads one entry, so the gradient of an entry is the sum of the cotangents of all the
places that read it: the middle as it is, and each place of the border added to its source.
"""

from __future__ import annotations

import numpy as np

from ._types import Array, Index, Indices

MODES = ("replicate", "reflect", "circular")

Sides = tuple[tuple[int, int], ...]
"""Places before and after the image, axis by axis."""


def continue_beyond(layer: str, x: Array, sides: Sides, mode: str) -> Array:
    """Pad images (N, C, ...) by what ``mode`` reads beyond their edges.

    Raises
    ------
    ValueError
        If the mode is unknown or the image too small for it.
    """
    check_border(layer, x.shape[2:], sides, mode)
    for axis, (before, after) in enumerate(sides, start=2):
        if before or after:
            x = x.take(_sources(x.shape[axis], before, after, mode), axis=axis)
    return x


def fold_back(dy: Array, size: tuple[int, ...], sides: Sides, mode: str) -> Array:
    """Pull a cotangent of `continue_beyond` back to images of ``size``."""
    for axis, (n, (before, after)) in enumerate(zip(size, sides, strict=True), start=2):
        every: Index = (slice(None),) * axis
        dx = dy[(*every, slice(before, before + n))].copy()
        source = _sources(n, before, after, mode)
        for place in (*range(before), *range(before + n, before + n + after)):
            dx[(*every, int(source[place]))] += dy[(*every, place)]
        dy = dx
    return dy


def check_border(layer: str, size: tuple[int, ...], sides: Sides, mode: str) -> None:
    """Raise ValueError unless images of ``size`` can be continued so far, by torch's rules."""
    if mode not in MODES:
        raise ValueError(f"{layer}: {mode!r} is no way to pad: take 'zeros' or one of {MODES}")
    spare = {"reflect": 1, "circular": 0}
    for n, side in zip(size, sides, strict=True):
        if mode in spare and max(side) > n - spare[mode]:
            raise ValueError(
                f"{layer}: {mode} padding of {max(side)} reads past the far edge of an image of "
                f"size {n}: pad by at most {n - spare[mode]}"
            )


def _sources(n: int, before: int, after: int, mode: str) -> Indices:
    """Return s(i) for every place of a padded axis."""
    i = np.arange(-before, n + after)
    sources: Indices = {
        "replicate": i.clip(0, n - 1),
        "reflect": n - 1 - np.abs(n - 1 - np.abs(i)),
        "circular": i % n,
    }[mode]
    return sources
