"""Linear regression by a fully connected layer, trained with gradient descent.

    python examples/linear_regression.py

The truth is y = x w + b with noise. What training arrives at is held against the least squares
solution, which linear algebra gives at once. The learning curve is written as SVG.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
from _curve import draw
from _training import Array, checked, train
from gradcheck.reference import Sequential, linear, mse_loss
from gradcheck.reference.optim import SGD
from rich.console import Console

SAMPLES, FEATURES, NOISE = 200, 3, 0.1


def explained(y: Array, target: Array) -> float:
    """Return the share of the variance that is explained: 1 for a perfect fit."""
    return float(1 - ((y - target) ** 2).mean() / target.var())


def least_squares(x: Array, target: Array) -> dict[str, Array]:
    """Return the parameters of the smallest mean squared error."""
    widened = np.hstack([x, np.ones((len(x), 1))])
    solution = np.linalg.lstsq(widened, target, rcond=None)[0]
    return {"out.weight": solution[:-1].T, "out.bias": solution[-1]}


@click.command()
@click.option("--epochs", type=click.IntRange(min=1), default=200)
@click.option("--seed", default=0, help="Of the data and the batches.")
@click.option(
    "--svg", type=click.Path(path_type=Path), default=Path("linear_regression.svg"),
    help="Where the learning curve goes.",
)  # fmt: skip
def main(epochs: int, seed: int, svg: Path) -> None:
    """Fit a line to noisy data."""
    console, rng = Console(), np.random.default_rng(seed)
    x = rng.standard_normal((SAMPLES, FEATURES))
    truth = {"out.weight": rng.standard_normal((1, FEATURES)), "out.bias": rng.standard_normal(1)}
    network = Sequential(out=linear.layer())
    clean, _ = network.forward(x, truth)
    target = clean + NOISE * rng.standard_normal(clean.shape)

    parameters: dict[str, Array] = {name: np.zeros_like(array) for name, array in truth.items()}
    checked(network, lambda: rng.standard_normal((4, FEATURES)), truth, console)

    def score(now: Mapping[str, Any]) -> float:
        return explained(network.forward(x, now)[0], target)

    parameters, curve = train(
        network, parameters, SGD(lr=0.05, momentum=0.9), mse_loss.layer(), (x, target), score,
        epochs=epochs, batch=SAMPLES, rng=rng, to=console,
    )  # fmt: skip
    for name, best in least_squares(x, target).items():
        apart = float(np.abs(parameters[name] - best).max())
        console.print(f"{name:10} {parameters[name].round(4)}, {apart:.1e} from least squares")
    svg.write_text(draw("Linear regression", curve, "explained variance"))
    console.print(f"learning curve: {svg}")


if __name__ == "__main__":
    main()
