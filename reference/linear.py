"""Fully connected layer.

For x of shape (N, in), weight of shape (out, in) and bias of shape (out,),

    y  = x W^T + b         y[n, o] = sum_i W[o, i] x[n, i] + b[o]
    dx = dy W
    dW = dy^T x            summed over the batch by the product
    db = sum of dy over the batch

Goodfellow et al., Deep Learning, section 6.5.6; text B of the worked examples (B1).
"""

from __future__ import annotations

from typing import NamedTuple

from ._checks import check_cotangent, check_floating, check_ndim, check_same_dtype
from ._layer import Layer
from ._types import Array

__all__ = ["backward", "forward", "layer"]


class Cache(NamedTuple):
    """What ``backward`` needs."""

    x: Array
    weight: Array
    has_bias: bool


def forward(x: Array, weight: Array, bias: Array | None = None) -> tuple[Array, Cache]:
    """Map a batch of vectors: y = x W^T + b.

    Parameters
    ----------
    x : array of shape (N, in)
        Vectors.
    weight : array of shape (out, in)
        One row for each output.
    bias : array of shape (out,), optional
        Added to each output.

    Returns
    -------
    y : array of shape (N, out)
        Outputs.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shapes or dtypes do not fit together.
    """
    _check(x, weight, bias)
    y = x @ weight.T
    if bias is not None:
        y += bias
    return y, Cache(x, weight, bias is not None)


def backward(dy: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """Pull a cotangent back: dx = dy W, dW = dy^T x, db = sum dy.

    Parameters
    ----------
    dy : array of shape (N, out)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, in)
    dweight : array of shape (out, in)
    dbias : array of shape (out,), or None without a bias

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    x, weight, has_bias = cache
    check_cotangent("linear", dy, (len(x), len(weight)), x.dtype)
    return dy @ weight, dy.T @ x, dy.sum(axis=0) if has_bias else None


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="linear", inputs=("x", "weight", "bias"), forward=forward, backward=backward)


def _check(x: Array, weight: Array, bias: Array | None) -> None:
    check_floating("linear", "x", x)
    check_ndim("linear", "x", x, ("N", "in"))
    check_floating("linear", "weight", weight)
    check_ndim("linear", "weight", weight, ("out", "in"))
    check_same_dtype("linear", "weight", weight, x)
    if x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"linear: x has {x.shape[1]} features, weight takes {weight.shape[1]}: make "
            f"weight.shape[1] equal to x.shape[1] (weight is (out, in); transpose an (in, out) one)"
        )
    if bias is None:
        return
    check_floating("linear", "bias", bias)
    check_same_dtype("linear", "bias", bias, x)
    if bias.shape != weight.shape[:1]:
        raise ValueError(
            f"linear: bias has shape {bias.shape}, weight has {len(weight)} outputs: "
            f"give one number for each output, shape ({len(weight)},)"
        )
