"""Sequential: layers one after another, as one map with a backward of its own.

With layers f_1 ... f_L, parameters t_1 ... t_L and input x,

    z_0 = x,    z_l = f_l(z_{l-1}; t_l),    y = z_L,

and the chain rule goes through them backwards, each layer's dx being the cotangent of the one
before:

    d_L = dy,    (d_{l-1}, dt_l) = pullback of f_l at (z_{l-1}, t_l) applied to d_l,    dx = d_0.

Goodfellow et al., Deep Learning, section 6.5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from ._layer import Layer
from ._types import Array

Parameters: TypeAlias = Mapping[str, Array | None]


class Step(NamedTuple):
    """What ``backward`` needs of one layer: its cache."""

    name: str
    cache: Any


class Sequential:
    """Layers one after another.

    Parameters and settings go by the name of their layer and their own: ``"conv1.weight"``,
    ``"drop.mask"``. A network is a layer in gradcheck's normal form, so that its whole gradient is
    one gradient check: ``gradcheck.check(network, x=x, **parameters)``.

    Parameters
    ----------
    **layers : Layer
        By name, in the order in which they are applied; each takes ``x`` first.

    Raises
    ------
    ValueError
        If there is no layer.

    Examples
    --------
    >>> import numpy as np
    >>> from gradcheck.reference import Sequential, leaky_relu, linear
    >>> network = Sequential(
    ...     out=linear.layer(), bend=leaky_relu.layer().settled(negative_slope=0.5)
    ... )
    >>> parameters = {"out.weight": np.array([[1.0], [-2.0]])}
    >>> y, cache = network.forward(np.array([[3.0]]), parameters)
    >>> y
    array([[ 3., -3.]])
    >>> dx, gradients = network.backward(np.ones((1, 2)), cache)
    >>> dx, gradients["out.weight"]
    (array([[0.]]), array([[3. ],
           [1.5]]))
    """

    name = "network"

    def __init__(self, **layers: Layer) -> None:
        if not layers:
            raise ValueError("Sequential: a network needs a layer: Sequential(out=linear.layer())")
        self.layers = layers

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters, optional ones included, in the order of the layers."""
        return tuple(
            f"{name}.{of}" for name, layer in self.layers.items() for of in layer.inputs[1:]
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of ``x`` and the parameters."""
        return "x", *self.parameters

    def forward(
        self, x: Array, parameters: Parameters, settings: Mapping[str, Any] | None = None
    ) -> tuple[Array, tuple[Step, ...]]:
        """Apply the layers in turn.

        Parameters
        ----------
        x : array
            Input of the first layer.
        parameters : Mapping[str, array or None]
            By name; an optional one may be None or missing.
        settings : Mapping[str, Any], optional
            By name, what differs from call to call, such as ``{"drop.mask": mask}``.

        Returns
        -------
        y : array
            Output of the last layer.
        cache : tuple of Step
            For `backward`: the name and the cache of each layer.

        Raises
        ------
        ValueError
            If there is no parameter or layer of a name, or a layer refuses what it is given.
        """
        _known("parameter", parameters, self.parameters.__contains__, self.parameters)
        of_layer = lambda name: name.partition(".")[0] in self.layers  # noqa: E731
        _known("layer with the setting", settings or {}, of_layer, self.layers)
        steps = []
        for name, layer in self.layers.items():
            own = (parameters.get(f"{name}.{of}") for of in layer.inputs[1:])
            x, cache = layer.forward(x, *own, **_within(name, settings or {}))
            steps.append(Step(name, cache))
        return x, tuple(steps)

    def backward(self, dy: Array, cache: tuple[Step, ...]) -> tuple[Array, dict[str, Array]]:
        """Pull a cotangent back through the layers, the last one first.

        Parameters
        ----------
        dy : array
            Cotangent of the output.
        cache : tuple of Step
            From `forward`.

        Returns
        -------
        dx : array, of the shape of ``x``
        gradients : dict of array
            By the names of the parameters that were given, in their order.

        Raises
        ------
        ValueError
            If ``dy`` has another shape or dtype than the output.
        """
        gradients: dict[str, Array] = {}
        for name, kept in reversed(cache):
            layer = self.layers[name]
            returned = layer.backward(dy, kept)
            dy, *own = returned if isinstance(returned, tuple) else (returned,)
            named = zip(layer.inputs[1:], own, strict=True)
            found = {f"{name}.{of}": gradient for of, gradient in named if gradient is not None}
            gradients = {**found, **gradients}
        return dy, gradients

    def __call__(self, config: Mapping[str, Any], /) -> Pull:
        """Settle the config, which holds settings by name: gradcheck's normal form."""
        return Pull(self, dict(config))


class Pull(NamedTuple):
    """A network whose config is settled: a function of its inputs by name."""

    network: Sequential
    config: dict[str, Any]

    def pull(
        self, **inputs: Array | None
    ) -> tuple[Array, Callable[[Array], dict[str, Array | None]]]:
        """Return the output and the pullback, which gives each gradient by name."""
        x, parameters = inputs["x"], {n: a for n, a in inputs.items() if n != "x"}
        if x is None:
            raise ValueError("the network needs x")
        y, cache = self.network.forward(x, parameters, self.config)

        def pullback(dy: Array) -> dict[str, Array | None]:
            dx, gradients = self.network.backward(dy, cache)
            return {"x": dx, **gradients}

        return y, pullback


def _known(
    what: str, names: Iterable[str], known: Callable[[str], bool], those: Iterable[str]
) -> None:
    """Raise ValueError for a name that is not known."""
    for name in names:
        if not known(name):
            raise ValueError(f"no {what} {name!r} in the network; there are {', '.join(those)}")


def _within(layer: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of one layer, by their own names."""
    prefix = f"{layer}."
    return {
        name.removeprefix(prefix): value
        for name, value in settings.items()
        if name.startswith(prefix)
    }
