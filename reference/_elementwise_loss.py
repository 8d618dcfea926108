"""Losses of an input and a target, entry by entry: a function and its two partial derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ._checks import check_cotangent, check_floating, check_same_dtype
from ._layer import Layer
from ._reduction import check_reduction, reduced, spread
from ._types import Array


class Cache(NamedTuple):
    """What ``backward`` needs: the input, the target and the settings."""

    x: Array
    target: Array
    weight: Any
    share: float
    reduction: str
    config: Mapping[str, Any]


class ElementwiseLoss(NamedTuple):
    """A loss of each entry, with a weight, summed or averaged.

    Attributes
    ----------
    name : str
        Name of the layer and of its contract.
    value : callable
        ``value(x, target, **config)``, the loss of each entry.
    slopes : callable
        ``slopes(x, target, **config)``, its derivatives by input and target.
    by_weight : bool
        Whether the mean divides by the sum of the weights, and not by the number of entries.
    """

    name: str
    value: Callable[..., Array]
    slopes: Callable[..., tuple[Array, Array]]
    by_weight: bool = False

    def forward(
        self, x: Array, target: Array, *, weight: Any = None, reduction: str = "mean", **config: Any
    ) -> tuple[Array, Cache]:
        """Return the losses, their sum or their mean, and the cache.

        Parameters
        ----------
        x, target : array, of one shape
            What is compared.
        weight : array or nested sequence, optional
            Factors of the losses, of a shape that broadcasts to that of ``x``.
        reduction : str
            ``"none"``, ``"mean"`` or ``"sum"``.
        **config
            Further settings of the loss, those that ``value`` takes.

        Returns
        -------
        y : array
            Losses, of the shape of ``x``, or one number.
        cache : Cache
            For `backward`.

        Raises
        ------
        ValueError
            If shapes or dtypes do not fit together, or the reduction is unknown.
        """
        check_floating(self.name, "x", x)
        check_floating(self.name, "target", target)
        check_same_dtype(self.name, "target", target, x)
        check_reduction(self.name, reduction)
        if target.shape != x.shape:
            raise ValueError(
                f"{self.name}: target has shape {target.shape}, x has {x.shape}: each entry is "
                f"compared with its own, so give both one shape"
            )
        factors = x.dtype.type(1) if weight is None else np.asarray(weight, x.dtype)
        share = float(np.broadcast_to(factors, x.shape).sum()) if self.by_weight else x.size
        with np.errstate(over="ignore"):
            losses = np.asarray(factors * self.value(x, target, **config))
            y = reduced(losses, reduction, share)
        return y, Cache(x, target, factors, share, reduction, config)

    def backward(self, dy: Array, cache: Cache) -> tuple[Array, Array]:
        """Return the gradients for the input and for the target.

        Parameters
        ----------
        dy : array
            Cotangent of the output.
        cache : Cache
            From `forward`.

        Returns
        -------
        dx, dtarget : array, of the shape of ``x``

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        x, target, factors, share, reduction, config = cache
        check_cotangent(self.name, dy, x.shape if reduction == "none" else (), x.dtype)
        with np.errstate(over="ignore"):
            each = factors * spread(dy, x.shape, reduction, share)
            by_x, by_target = self.slopes(x, target, **config)
            return np.asarray(each * by_x), np.asarray(each * by_target)

    def layer(self) -> Layer:
        """Return the layer, for the registry."""
        return Layer(self.name, ("x", "target"), self.forward, self.backward)
