"""Batch normalisation.

For x of shape (N, C, ...) with M entries in each channel, in training with the mean m and the
variance v of the channel, and e = (x - m) / sqrt(v + eps),

    m  = sum of x / M,    v = sum of (x - m)^2 / M
    y  = weight e + bias
    db = sum of dy,    dw = sum of dy e
    dx = weight / sqrt(v + eps) (dy - db / M - e dw / M).

The last two terms are there because m and v depend on x: without them dx would be the gradient of
a fixed scaling. In evaluation that is what it is: the running statistics stand for m and v, and

    dx = weight / sqrt(v + eps) dy.

Squares may overflow where x and y do not, so each channel is squared in units of a power of two
near its largest x - m, which rounds nothing. A layer keeps nothing: training returns the new
running statistics in the cache, r the old ones,

    r <- (1 - momentum) r + momentum s,    s = m, or the unbiased variance v M / (M - 1).

Ioffe & Szegedy, Batch normalization: accelerating deep network training by reducing internal
covariate shift, 2015.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating, check_same_dtype
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs, and the running statistics after the forward."""

    scaled: Array
    factor: Array
    weight: Array | None
    has_bias: bool
    training: bool
    running_mean: Array | None
    running_var: Array | None


def forward(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    *,
    running_mean: Any = None,
    running_var: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, Cache]:
    """Bring each channel to mean 0 and variance 1, then scale and shift it.

    Parameters
    ----------
    x : array of shape (N, C, ...)
        Input.
    weight, bias : array of shape (C,), optional
        Scale and shift of each channel.
    running_mean, running_var : array_like of shape (C,), optional
        Statistics that stand for the batch's in evaluation; in training their next values stand in
        the cache.
    training : bool
        Whether the batch's own statistics are used.
    momentum : float
        Weight of the batch in the next running statistics.
    eps : float
        Added to the variance.

    Returns
    -------
    y : array, of the shape of ``x``
        Output.
    cache : Cache
        For `backward`, and with the next ``running_mean`` and ``running_var``.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit, statistics are missing in evaluation, or a channel has one
        entry alone in training.
    """
    _check(x, weight, bias)
    old = _statistics(x, running_mean, "running_mean"), _statistics(x, running_var, "running_var")
    mean, var = (_mean(x), None) if training else _given(old)
    apart, unit, new = x - _across(mean, x), np.ones_like(mean), old
    if var is None:
        unit = _unit(apart)
        var = _mean((apart / _across(unit, x)) ** 2)  # in units of unit^2
        new = _updated(old, mean, var, unit, x, momentum)
    factor = 1 / np.sqrt(var + x.dtype.type(eps) / unit / unit) / unit
    scaled = apart * _across(factor, x)
    y = scaled if weight is None else scaled * _across(weight, x)
    y = y.copy() if bias is None else y + _across(bias, x)
    return y, Cache(scaled, factor, weight, bias is not None, training, *new)


def backward(dy: Array, cache: Cache) -> tuple[Array, Array | None, Array | None]:
    """Pull a cotangent back, in training through the statistics as well.

    Parameters
    ----------
    dy : array of shape (N, C, ...)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C, ...)
    dweight, dbias : array of shape (C,), or None where there was none

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    scaled, factor, weight, has_bias, training, *_ = cache
    check_cotangent("batch_norm", dy, scaled.shape, scaled.dtype)
    axes = _axes(dy)
    dbias, dweight = dy.sum(axis=axes), (dy * scaled).sum(axis=axes)
    dx = dy.copy()
    if training:
        entries = dy.dtype.type(dy.size // dy.shape[1])
        dx -= _across(dbias / entries, dy) + scaled * _across(dweight / entries, dy)
    dx *= _across(factor if weight is None else factor * weight, dy)
    return dx, None if weight is None else dweight, dbias if has_bias else None


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(
        spec="batch_norm", inputs=("x", "weight", "bias"), forward=forward, backward=backward
    )


def _axes(x: Array) -> tuple[int, ...]:
    """Return the axes but that of the channels."""
    return 0, *range(2, x.ndim)


def _across(statistic: Array, x: Array) -> Array:
    """Return a number for each channel in the shape that meets ``x``."""
    return statistic.reshape(1, -1, *(1,) * (x.ndim - 2))


def _mean(x: Array) -> Array:
    """Return the mean of each channel."""
    if x.size // x.shape[1] < 2:
        raise ValueError(
            f"batch_norm: x has shape {x.shape}, less than two entries in a channel, which have "
            f"no variance: train on more samples, or evaluate with training=False"
        )
    return np.asarray(x.mean(axis=_axes(x)))


def _given(old: tuple[Array | None, Array | None]) -> tuple[Array, Array]:
    mean, var = old
    if mean is None or var is None:
        raise ValueError(
            "batch_norm: running_mean and running_var are needed where training=False: give the "
            "ones that training returned in its cache"
        )
    return mean, var


def _updated(
    old: tuple[Array | None, Array | None],
    mean: Array,
    var: Array,
    unit: Array,
    x: Array,
    share: float,
) -> tuple[Array | None, Array | None]:
    """Return the next running statistics, of which the variance is the unbiased one."""
    entries = x.size // x.shape[1]
    old_mean, old_var = old
    return (
        None if old_mean is None else (1 - share) * old_mean + share * mean,
        None
        if old_var is None
        else (1 - share) * old_var + share * entries / (entries - 1) * (var * unit * unit),
    )


def _unit(apart: Array) -> Array:
    """Return a power of two for each channel, near its largest entry, whose square may overflow."""
    largest = np.abs(apart).max(axis=_axes(apart), initial=0)
    return np.asarray(np.ldexp(np.ones_like(largest), np.maximum(np.frexp(largest)[1], 0)))


def _statistics(x: Array, given: Any, name: str) -> Array | None:
    if given is None:
        return None
    statistic = np.array(given, x.dtype)
    _per_channel(name, statistic, x)
    return statistic


def _check(x: Array, weight: Array | None, bias: Array | None) -> None:
    check_floating("batch_norm", "x", x)
    if x.ndim < 2 or x.shape[1] == 0:
        raise ValueError(
            f"batch_norm: x has shape {x.shape}; the layer takes (N, C, ...) with a channel at "
            f"least: reshape x"
        )
    for name, array in (("weight", weight), ("bias", bias)):
        if array is not None:
            check_floating("batch_norm", name, array)
            check_same_dtype("batch_norm", name, array, x)
            _per_channel(name, array, x)


def _per_channel(name: str, array: Array, x: Array) -> None:
    if array.shape != x.shape[1:2]:
        raise ValueError(
            f"batch_norm: {name} has shape {array.shape}, x has {x.shape[1]} channels: give one "
            f"number for each, shape ({x.shape[1]},)"
        )
