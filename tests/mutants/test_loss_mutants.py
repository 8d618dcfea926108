"""Wrong gradients of losses, as people write them; each is caught with default settings."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gradcheck
from gradcheck import adapt
from gradcheck.registry import load_spec

Array = npt.NDArray[Any]


class Call:
    """One backward: the cotangent, the inputs and the config of its forward."""

    def __init__(self, kind: str, dy: Array, inputs: tuple[Array, ...], config: Any) -> None:
        self.kind, self.dy, self.inputs, self.config = kind, dy, inputs, config

    @property
    def x(self) -> Array:
        return self.inputs[0]

    def right(self, *inputs: Array, **config: Any) -> Any:
        """Return what the right backward says, of other inputs or another config."""
        module = import_module(f"gradcheck.reference.{self.kind}")
        settings = {**self.config, **config}
        _, cache = module.forward(*(inputs or self.inputs), **settings)
        return module.backward(self.dy, cache)

    @property
    def axis(self) -> int:
        return min(1, self.x.ndim - 1)

    @property
    def each(self) -> Array:
        """The cotangent of each loss, not divided by anything."""
        dy = np.expand_dims(self.dy, self.axis) if self.dy.ndim else self.dy
        return np.broadcast_to(dy, self.x.shape)

    @property
    def softmax(self) -> Array:
        e = np.exp(self.x - self.x.max(axis=self.axis, keepdims=True))
        return np.asarray(e / e.sum(axis=self.axis, keepdims=True))


Mutant = Callable[[Call], Any]


def first(change: Callable[[Call, Array], Array]) -> Mutant:
    """Spoil the gradient for x, of two."""
    return lambda call: (change(call, call.right()[0]), call.right()[1])


def second(change: Callable[[Call, Array], Array]) -> Mutant:
    return lambda call: (call.right()[0], change(call, call.right()[1]))


OF_PAIRS: dict[str, Mutant] = {
    "mean by the batch alone": lambda c: tuple(
        g * (c.x.size // len(c.x) if c.config["reduction"] == "mean" else 1) for g in c.right()
    ),
    "sum for the mean": lambda c: c.right(reduction="sum")
    if c.config["reduction"] == "mean" else c.right(),
    "weight forgotten": lambda c: c.right(weight=None),
    "no gradient for the target": second(lambda c, g: np.zeros_like(g)),
}  # fmt: skip
OF_CLASSES: dict[str, Mutant] = {
    "sign": lambda c: -c.right(),
    "weight forgotten": lambda c: c.right(weight=None),
    "sum for the mean": lambda c: c.right(reduction="sum")
    if c.config["reduction"] == "mean" else c.right(),
    "ignored targets counted": lambda c: c.right(
        target=np.where(np.equal(c.config["target"], c.config["ignore_index"]), 0,
                        c.config["target"]), ignore_index=-1),
    "the next class": lambda c: np.roll(c.right(), 1, axis=c.axis),
}  # fmt: skip
MUTANTS: dict[str, dict[str, Mutant]] = {
    "mse_loss": {
        **OF_PAIRS,
        "2 forgotten": lambda c: tuple(g / 2 for g in c.right()),
        "one sign for both": second(lambda c, g: -g),
    },
    "binary_cross_entropy": {
        **OF_PAIRS,
        "1 - x forgotten": first(lambda c, g: g * (1 - c.x)),
        "x - t": first(lambda c, g: g * (c.x * (1 - c.x))),
    },
    "binary_cross_entropy_with_logits": {
        **OF_PAIRS,
        "weights of positives forgotten": lambda c: c.right(pos_weight=None),
        "slope of the sigmoid": first(lambda c, g: g / (2 + np.exp(c.x) + np.exp(-c.x))),
        "sigmoid of -x": first(lambda c, g: c.right(-c.x, c.inputs[1])[0]),
    },
    "nll_loss": OF_CLASSES,
    "cross_entropy": {
        **OF_CLASSES,
        "softmax alone": lambda c: (c.each * c.softmax).astype(c.x.dtype),
        "smoothing forgotten": lambda c: c.right(label_smoothing=0.0),
    },
    "soft_cross_entropy": {
        "sum for the mean": OF_PAIRS["sum for the mean"],
        "weight forgotten": OF_PAIRS["weight forgotten"],
        "smoothing forgotten": lambda c: c.right(label_smoothing=0.0),
        "shares taken to add to 1": first(
            lambda c, g: (g + c.each * c.softmax * (1 - c.inputs[1].sum(
                axis=c.axis, keepdims=True))).astype(g.dtype)),
        "no gradient for the target": second(lambda c, g: np.zeros_like(g)),
    },
}  # fmt: skip


def layer(kind: str, mutant: Mutant) -> adapt.Functional:
    module = import_module(f"gradcheck.reference.{kind}")
    names = load_spec(kind).inputs

    def forward(*inputs: Any, **config: Any) -> tuple[Array, Any]:
        return module.forward(*inputs, **config)[0], (inputs, config)

    def backward(dy: Array, cache: Any) -> Any:
        with np.errstate(all="ignore"):
            return mutant(Call(kind, dy, *cache))

    return adapt.functional(forward, backward, inputs=names, name=kind)


EVERY = [(kind, name) for kind, table in MUTANTS.items() for name in table]


@pytest.mark.parametrize(("kind", "name"), EVERY, ids=map(": ".join, EVERY))
def test_a_wrong_gradient_fails(kind: str, name: str) -> None:
    report = gradcheck.check_layer(kind, layer(kind, MUTANTS[kind][name]))
    assert gradcheck.Verdict.FAIL is report.verdict, f"{name}\n{report}"


@pytest.mark.parametrize("kind", MUTANTS)
def test_the_unharmed_twin_passes(kind: str) -> None:
    report = gradcheck.check_layer(kind, layer(kind, Call.right), examples=10)
    report.raise_for_verdict()


def test_every_kind_has_five_mutants() -> None:
    assert all(len(table) >= 5 for table in MUTANTS.values())
