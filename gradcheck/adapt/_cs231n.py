"""Pairs of a course: ``forward(x, w, b, conv_param) -> (out, cache)``, the settings in a dict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcheck.adapt._functional import Functional, functional
from gradcheck.adapt._settings import square

KEYS: Mapping[str, str | tuple[str, str]] = {
    "stride": "stride",
    "padding": "pad",
    "kernel_size": ("pool_height", "pool_width"),
}


def cs231n(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Sequence[str] | None = None,
    *,
    keys: Mapping[str, str | tuple[str, str]] | None = None,
    name: str | None = None,
) -> Functional:
    """Make a layer of a pair whose forward takes a dict of hyperparameters last.

    Parameters
    ----------
    forward : callable
        ``forward(*inputs, param) -> (out, cache)``.
    backward : callable
        ``backward(dout, cache) -> gradients``, in the order of ``inputs``.
    inputs : sequence of str, optional
        Names of the arrays, as `functional` takes them.
    keys : Mapping, optional
        From a config key to the dict's key, or to two for rows and columns. By default
        ``stride``, ``padding`` as ``pad``, ``kernel_size`` as ``pool_height, pool_width``.
    name : str, optional
        What reports call the layer.

    Returns
    -------
    Functional
        A layer in its normal form; a config that the dict cannot say raises ValueError.
    """

    def with_dict(*arrays: Any, **config: Any) -> Any:
        return forward(*arrays, hyperparameters(config, keys or KEYS))

    layer = functional(forward, backward, inputs, name=name)
    return Functional(with_dict, backward, layer.inputs, layer.name, layer.assumed)


def hyperparameters(
    config: Mapping[str, Any], keys: Mapping[str, str | tuple[str, str]]
) -> dict[str, Any]:
    """Write a config under the dict's keys.

    >>> hyperparameters({"stride": (2, 2), "dilation": 1}, KEYS)
    {'stride': 2}
    """
    written: dict[str, Any] = {}
    for key, value in config.items():
        target = keys.get(key)
        if isinstance(target, tuple):
            pair = value if isinstance(value, (tuple, list)) else (value, value)
            written.update(zip(target, pair, strict=True))
        else:
            settled = square(key, value, told=target is not None)
            if target is not None:
                written[target] = settled
    return written
