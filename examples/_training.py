"""Training: steps of an optimiser over batches, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from gradcheck.reference import Layer, Sequential
from gradcheck.reference.optim import Optimiser
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

import gradcheck
from gradcheck import Verdict

POINTS = 5
"""Points at which a gradient check is made until one decides."""

Array = NDArray[Any]


class Epoch(NamedTuple):
    """Mean loss over the batches of an epoch, and the score on what is held out."""

    loss: float
    score: float


def checked(
    network: Sequential,
    draw: Callable[[], Array],
    parameters: Mapping[str, Array],
    to: Console,
) -> None:
    """Show that the gradient of the whole network is right, or raise AssertionError.

    In float64, on few samples: the check evaluates the network some hundred times. Where it lies
    too near a kink of a ReLU or a pool to be decided, it is made at another point.
    """
    given: dict[str, Any] = {n: a.astype(np.float64) for n, a in parameters.items()}
    for _ in range(POINTS):
        report = gradcheck.check(network, x=draw(), **given)
        if report.verdict is not Verdict.INCONCLUSIVE:
            break
    report.raise_for_verdict()
    for one in report.comparisons:
        to.print(f"  {one.wrt:14} off by {one.worst:.1e}, at most {one.bound.value:.1e}")
    to.print(f"gradient check of the whole network: [bold]{report.verdict.name}[/]")


def train(
    network: Sequential,
    parameters: dict[str, Array],
    optimiser: Optimiser[Any],
    loss: Layer,
    data: tuple[Array, Array],
    score: Callable[[Mapping[str, Array]], float],
    *,
    epochs: int,
    batch: int,
    rng: np.random.Generator,
    to: Console,
) -> tuple[dict[str, Array], list[Epoch]]:
    """Return the trained parameters, and how the training went epoch by epoch."""
    memory, curve = optimiser.start(parameters), []
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=to) as progress:
        task = progress.add_task("epoch", total=epochs)
        for number in range(1, epochs + 1):
            losses = []
            for x, target in _batches(data, batch, rng):
                y, cache = network.forward(x, parameters)
                value, spent = loss.forward(y, target)
                dy = _first(loss.backward(np.ones_like(value), spent))
                _, gradients = network.backward(dy, cache)
                parameters, memory = optimiser.step(parameters, gradients, memory)
                losses.append(float(value))
            curve.append(Epoch(float(np.mean(losses)), score(parameters)))
            said = f"epoch {number}: loss {curve[-1].loss:.4f}, held out {curve[-1].score:.4f}"
            progress.update(task, advance=1, description=said)
    return parameters, curve


def initial(shapes: Mapping[str, tuple[int, ...]], rng: np.random.Generator) -> dict[str, Array]:
    """Draw weights that keep the size of what passes a ReLU; biases begin at 0.

    A weight of n inputs has variance 2 / n: He, Zhang, Ren & Sun, Delving deep into rectifiers,
    2015.
    """
    return {
        name: (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)
        if len(shape) > 1
        else np.zeros(shape, np.float32)
        for name, shape in shapes.items()
    }


def _first(gradients: Any) -> Array:
    """Return the gradient for a loss' input, beside which there may be one for its target."""
    return np.asarray(gradients[0] if isinstance(gradients, tuple) else gradients)


def _batches(
    data: tuple[Array, Array], batch: int, rng: np.random.Generator
) -> Iterator[tuple[Array, Array]]:
    inputs, targets = data
    order = rng.permutation(len(targets))
    for start in range(0, len(order), batch):
        few = order[start : start + batch]
        yield inputs[few], targets[few]
