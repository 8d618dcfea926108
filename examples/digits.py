"""Read handwritten digits: a fully connected network, a small CNN, or a VGG-style stack.

    python examples/digits.py dense
    python examples/digits.py cnn
    python examples/digits.py vgg --data path/to/mnist

Before training the gradient of the whole network is checked. The learning curve is written as SVG.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from _curve import draw
from _digits import Digits, load
from _training import checked, initial, train
from gradcheck.reference import (
    Layer,
    Sequential,
    conv2d,
    cross_entropy,
    flatten,
    linear,
    max_pool2d,
    relu,
    silu,
)
from gradcheck.reference.optim import AdamW
from rich.console import Console

Shapes = dict[str, tuple[int, ...]]


class Model(NamedTuple):
    """A network, the shapes of its parameters, and for how many epochs it is trained."""

    network: Sequential
    shapes: Shapes
    epochs: int


def dense(side: int) -> Model:
    """Return a fully connected network with one hidden layer."""
    network = Sequential(
        flat=flatten.layer(), hidden=linear.layer(), bend=relu.layer(), out=linear.layer(),
    )  # fmt: skip
    return Model(network, {**_linear("hidden", side * side, 64), **_linear("out", 64, 10)}, 40)


def cnn(side: int) -> Model:
    """Return two convolutions, each with a pool, and a fully connected layer."""
    network = Sequential(
        conv1=_conv(), bend1=relu.layer(), pool1=_pool(),
        conv2=_conv(), bend2=relu.layer(), pool2=_pool(),
        flat=flatten.layer(), out=linear.layer(),
    )  # fmt: skip
    shapes = {**_kernels("conv1", 1, 16), **_kernels("conv2", 16, 32)}
    return Model(network, {**shapes, **_linear("out", 32 * (side // 4) ** 2, 10)}, 40)


def vgg(side: int) -> Model:
    """Return conv-conv-pool twice, then two fully connected layers.

    It bends with SiLU: of the thousands of ReLUs in it some would have their kink next to any
    point, and a gradient check there decides nothing.
    Simonyan & Zisserman, Very deep convolutional networks for large-scale image recognition, 2015.
    """
    network = Sequential(
        conv1=_conv(), bend1=silu.layer(), conv2=_conv(), bend2=silu.layer(), pool1=_pool(),
        conv3=_conv(), bend3=silu.layer(), conv4=_conv(), bend4=silu.layer(), pool2=_pool(),
        flat=flatten.layer(), hidden=linear.layer(), bend5=silu.layer(), out=linear.layer(),
    )  # fmt: skip
    channels = (1, 16, 16, 32, 32)
    shapes: Shapes = {}
    for number in range(1, 5):
        shapes |= _kernels(f"conv{number}", *channels[number - 1 : number + 1])
    shapes |= {**_linear("hidden", 32 * (side // 4) ** 2, 64), **_linear("out", 64, 10)}
    return Model(network, shapes, 15)


MODELS: Mapping[str, Callable[[int], Model]] = {"dense": dense, "cnn": cnn, "vgg": vgg}


def accuracy(network: Sequential, digits: Digits, parameters: Mapping[str, Any]) -> float:
    """Return the share of digits that are read right."""
    logits, _ = network.forward(digits.images, parameters)
    return float((logits.argmax(axis=1) == digits.labels).mean())


@click.command()
@click.argument("name", metavar="MODEL", type=click.Choice([*MODELS]))
@click.option("--data", type=click.Path(path_type=Path), help="Folder of MNIST's IDX files.")
@click.option("--epochs", type=click.IntRange(min=1), help="How often every digit is seen.")
@click.option("--seed", default=0, help="Of the weights, the batches and what is held out.")
@click.option("--svg", type=click.Path(path_type=Path), help="Where the learning curve goes.")
def main(name: str, data: Path | None, epochs: int | None, seed: int, svg: Path | None) -> None:
    """Train MODEL (dense, cnn or vgg) to read digits."""
    console, rng = Console(), np.random.default_rng(seed)
    learnt, held_out = load(data, rng)
    model = MODELS[name](learnt.images.shape[-1])
    parameters = initial(model.shapes, rng)
    console.print(f"{len(learnt.labels)} digits to learn from, {len(held_out.labels)} held out")
    # At drawn images: a blank background has ties in every window of a pool.
    few = 2, *learnt.images.shape[1:]
    checked(model.network, lambda: rng.standard_normal(few), parameters, console)
    parameters, curve = train(
        model.network, parameters, AdamW(lr=2e-3, weight_decay=0.05), cross_entropy.layer(), learnt,
        lambda p: accuracy(model.network, held_out, p),
        epochs=epochs or model.epochs, batch=32, rng=rng, to=console,
    )  # fmt: skip
    console.print(f"held-out digits read right: [bold]{curve[-1].score:.2%}[/]", highlight=False)
    target = svg or Path(f"digits-{name}.svg")
    target.write_text(draw(f"Handwritten digits, {name}", curve, "held-out digits read right"))
    console.print(f"learning curve: {target}")


def _conv() -> Layer:
    return conv2d.layer().settled(padding=1)


def _pool() -> Layer:
    return max_pool2d.layer().settled(kernel_size=2)


def _kernels(name: str, into: int, out: int) -> Shapes:
    return {f"{name}.weight": (out, into, 3, 3), f"{name}.bias": (out,)}


def _linear(name: str, into: int, out: int) -> Shapes:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


if __name__ == "__main__":
    main()
