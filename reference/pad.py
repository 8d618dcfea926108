"""Padding: images continued beyond their edges, by a constant, the edge, a mirror or a repetition.

Along each axis of size n, padded by ``before`` and ``after``, place t of y lies at ``i = t -
before`` of x:

    constant   y[t] = x[i] on the image, ``value`` outside it
    replicate  y[t] = x[min(max(i, 0), n - 1)]
    reflect    y[t] = x[|i|] up to n - 1, then x[2 (n - 1) - i]
    circular   y[t] = x[i mod n]

Every place of y reads one entry of x at most, so

    dx[i] = sum of dy[t] over all t that read x[i].

`torch.nn.functional.pad` has the same form; the padding layers of `torch.nn` (ZeroPad2d,
ReflectionPad1d, ...) are this one with a mode and a number of axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ._borders import Sides, continue_beyond, fold_back
from ._checks import as_int, check_cotangent, check_floating
from ._layer import Layer
from ._types import Array, Index

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs: the shapes, how much was put around the images, and what."""

    images: tuple[int, ...]
    padded: tuple[int, ...]
    sides: Sides
    mode: str
    dtype: np.dtype[np.floating]


def forward(
    x: Array, *, pad: Sequence[int], mode: str = "constant", value: float = 0.0
) -> tuple[Array, Cache]:
    """Continue images beyond their edges.

    Parameters
    ----------
    x : array of shape (N, C, L), (N, C, H, W) or (N, C, D, H, W)
        Images.
    pad : sequence of ints
        Places before and after the last axis, then the axis before it, and so on.
    mode : {"constant", "replicate", "reflect", "circular"}
        What the places hold.
    value : float
        The constant.

    Returns
    -------
    y : array of shape (N, C, ...)
        Padded images.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    check_floating("pad", "x", x)
    sides = _sides(x, pad)
    if mode == "constant":
        y = np.pad(x, ((0, 0), (0, 0), *sides), constant_values=x.dtype.type(value))
    else:
        y = continue_beyond("pad", x, sides, mode)
    y = y.copy() if np.shares_memory(x, y) else y
    return y, Cache(x.shape, y.shape, sides, mode, x.dtype)


def backward(dy: Array, cache: Cache) -> Array:
    """Add every cotangent to the entry that its place read.

    Parameters
    ----------
    dy : array of shape (N, C, ...)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of the shape of x

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    images, padded, sides, mode, dtype = cache
    check_cotangent("pad", dy, padded, dtype)
    if mode == "constant":
        middle: Index = (
            ...,
            *(slice(p, p + n) for n, (p, _) in zip(images[2:], sides, strict=True)),
        )
        return dy[middle].copy()
    dx = fold_back(dy, images[2:], sides, mode)
    return dx.copy() if np.shares_memory(dx, dy) else dx


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="pad", inputs=("x",), forward=forward, backward=backward)


def _sides(x: Array, pad: Sequence[int]) -> Sides:
    """Return the places before and after each axis of the images, in the order of the axes."""
    numbers = [as_int("pad", "pad", number) for number in pad]
    if x.ndim not in (3, 4, 5) or 0 in x.shape[1:]:
        raise ValueError(
            f"pad: x has shape {x.shape}, and the layer pads images of 1 to 3 axes, (N, C, ...), "
            f"empty at most in their batch: reshape x"
        )
    if len(numbers) % 2 or len(numbers) > 2 * (x.ndim - 2) or min(numbers, default=0) < 0:
        raise ValueError(
            f"pad: pad={tuple(pad)} is not two numbers of 0 or more for each of at most "
            f"{x.ndim - 2} axes, the last axis first: give the places before and after each"
        )
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    return ((0, 0),) * (x.ndim - 2 - len(pairs)) + tuple(reversed(pairs))
