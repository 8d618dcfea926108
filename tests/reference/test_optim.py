"""Optimisers against torch.optim, as trajectories of 50 steps, within a derived bound.

The textbook's formulas are evaluated once more here, in numbers that carry a bound of what any
evaluation of them may have rounded: each operation passes the bounds of its operands on, as far as
its derivatives let them, and adds `ROUNDINGS` unit roundoffs of its operands' magnitudes. So two
implementations are within twice the bound of one another, whatever their order of operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from gradcheck.reference import optim
from gradcheck.reference._types import Array
from hypothesis import given, settings
from hypothesis import strategies as st

STEPS = 50
SHAPE = (3, 5)
DTYPES = [np.float64, np.float32]
Dtype = type[np.floating[Any]]
Settings = dict[str, Any]

ROUNDINGS = 4
"""Of one operation: its setting to the dtype, its product, the sum, and one where torch writes
b m + (1 - b) g as m + (1 - b) (g - m), whose difference is rounded before it is scaled."""


@dataclass(frozen=True)
class Carried:
    """A number and how far any evaluation of it may be off."""

    value: Array
    off: Array
    unit: float

    @property
    def most(self) -> Array:
        return np.abs(self.value) + self.off

    def other(self, number: Any) -> Carried:
        if isinstance(number, Carried):
            return number
        value = np.asarray(number, np.float64)
        return Carried(value, np.zeros_like(value), self.unit)

    def rounded(self, value: Array, off: Array, magnitude: Array) -> Carried:
        return Carried(value, off + ROUNDINGS * self.unit * magnitude, self.unit)

    def __add__(self, number: Any) -> Carried:
        b = self.other(number)
        return self.rounded(self.value + b.value, self.off + b.off, self.most + b.most)

    def __sub__(self, number: Any) -> Carried:
        return self + self.other(number) * -1.0

    def __mul__(self, number: Any) -> Carried:
        b = self.other(number)
        off = self.most * b.most - np.abs(self.value * b.value)
        return self.rounded(self.value * b.value, off, self.most * b.most)

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> Carried:
        b = self.other(number)
        least = np.abs(b.value) - b.off
        assert (least > 0).all(), "a divisor that may be 0"
        off = (self.off + np.abs(self.value / b.value) * b.off) / least
        return self.rounded(self.value / b.value, off, self.most / least)

    def root(self) -> Carried:
        value = np.sqrt(self.value)
        off = value - np.sqrt(np.maximum(self.value - self.off, 0))
        return self.rounded(value, off, np.sqrt(self.most))

    def largest(self, b: Carried) -> Carried:
        value = np.maximum(self.value, b.value)
        return Carried(value, np.maximum(self.off, b.off), self.unit)


Textbook = Iterator[Carried]


def sgd(p: Carried, gs: Sequence[Carried], s: Settings) -> Textbook:
    buffer = None
    for g in gs:
        g = g + s["weight_decay"] * p
        buffer = g if buffer is None else s["momentum"] * buffer + (1 - s["dampening"]) * g
        p = p - s["lr"] * (g + s["momentum"] * buffer if s["nesterov"] else buffer)
        yield p


def adagrad(p: Carried, gs: Sequence[Carried], s: Settings) -> Textbook:
    total = p * 0 + s["initial_accumulator_value"]
    for before, g in enumerate(gs):
        g = g + s["weight_decay"] * p
        total = total + g * g
        p = p - s["lr"] / (1 + before * s["lr_decay"]) * g / (total.root() + s["eps"])
        yield p


def rmsprop(p: Carried, gs: Sequence[Carried], s: Settings) -> Textbook:
    square = mean = buffer = p * 0
    keep = s["alpha"]
    for g in gs:
        g = g + s["weight_decay"] * p
        square = keep * square + (1 - keep) * (g * g)
        mean = keep * mean + (1 - keep) * g
        divisor = square - mean * mean if s["centered"] else square
        buffer = s["momentum"] * buffer + g / (divisor.root() + s["eps"])
        p = p - s["lr"] * buffer
        yield p


def adadelta(p: Carried, gs: Sequence[Carried], s: Settings) -> Textbook:
    square = moved = p * 0
    keep = s["rho"]
    for g in gs:
        g = g + s["weight_decay"] * p
        square = keep * square + (1 - keep) * (g * g)
        step = (moved + s["eps"]).root() / (square + s["eps"]).root() * g
        moved = keep * moved + (1 - keep) * (step * step)
        p = p - s["lr"] * step
        yield p


def adam(p: Carried, gs: Sequence[Carried], s: Settings) -> Textbook:
    yield from _adams(p, [0.0 for _ in gs], gs, s)


def adamw(p: Carried, gs: Sequence[Carried], s: Settings) -> Textbook:
    decay = 1 - s["lr"] * s["weight_decay"]
    yield from _adams(p, [decay for _ in gs], gs, s)


def _adams(p: Carried, decays: Sequence[float], gs: Sequence[Carried], s: Settings) -> Textbook:
    mean = square = largest = p * 0
    b1, b2 = s["betas"]
    for t, (decay, g) in enumerate(zip(decays, gs, strict=True), start=1):
        if decay:
            p = decay * p
        else:
            g = g + s["weight_decay"] * p
        mean = b1 * mean + (1 - b1) * g
        square = b2 * square + (1 - b2) * (g * g)
        largest = largest.largest(square)
        divisor = (largest if s["amsgrad"] else square) * (1 / (1 - b2**t))
        p = p - s["lr"] / (1 - b1**t) * mean / (divisor.root() + s["eps"])
        yield p


TEXTBOOK: dict[str, Callable[[Carried, Sequence[Carried], Settings], Textbook]] = {
    "SGD": sgd,
    "Adagrad": adagrad,
    "RMSprop": rmsprop,
    "Adadelta": adadelta,
    "Adam": adam,
    "AdamW": adamw,
}
SHARE = st.sampled_from([0.5, 0.9, 0.99, 0.999])
EPS = st.sampled_from([1e-10, 1e-8, 1e-6, 1e-3, 0.5])
MOMENTUM = st.sampled_from([0.0, 0.5, 0.9])
COMMON = {
    "lr": st.sampled_from([1e-3, 1e-2, 0.1, 1.0]),
    "weight_decay": st.sampled_from([0.0, 1e-2, 0.3]),
    "maximize": st.booleans(),
}
DRAWN: dict[str, st.SearchStrategy[Settings]] = {
    "SGD": st.fixed_dictionaries(
        COMMON
        | {
            "momentum": MOMENTUM,
            "dampening": st.sampled_from([0.0, 0.3]),
            "nesterov": st.booleans(),
        }
    ).map(lambda s: s | {"nesterov": s["nesterov"] and s["momentum"] > 0 == s["dampening"]}),
    "Adagrad": st.fixed_dictionaries(
        COMMON
        | {
            "lr_decay": st.sampled_from([0.0, 0.1]),
            "initial_accumulator_value": st.sampled_from([0.0, 0.5]),
            "eps": EPS,
        }
    ),
    "RMSprop": st.fixed_dictionaries(
        COMMON | {"alpha": SHARE, "eps": EPS, "momentum": MOMENTUM, "centered": st.booleans()}
    ),
    "Adadelta": st.fixed_dictionaries(COMMON | {"rho": SHARE, "eps": EPS}),
    **dict.fromkeys(
        ("Adam", "AdamW"),
        st.fixed_dictionaries(
            COMMON | {"betas": st.tuples(SHARE, SHARE), "eps": EPS, "amsgrad": st.booleans()}
        ),
    ),
}


def steady(s: Settings) -> Settings:
    """Keep a root from dividing what the decay feeds back: such steps jump from side to side.

    The least difference grows without end there, so that no two evaluations agree.
    """
    if not s["weight_decay"] or "eps" not in s:
        return s
    return s | {"eps": 0.5, "lr": min(s["lr"], 1e-2)}


def drawn(seed: int, dtype: Dtype) -> tuple[Array, list[Array]]:
    """Return a parameter and gradients of very different sizes, some entries 0 at first."""
    rng = np.random.default_rng(seed)
    scale = 2.0 ** rng.integers(-8, 9, SHAPE)
    gradients = [(scale * rng.standard_normal(SHAPE)).astype(dtype) for _ in range(STEPS)]
    for gradient in gradients[:3]:
        gradient[0] = 0
    return rng.standard_normal(SHAPE).astype(dtype), gradients


def ours(optimiser: Any, parameter: Array, gradients: Sequence[Array]) -> list[Array]:
    parameters, path = {"p": parameter}, []
    memory = optimiser.start(parameters)
    for gradient in gradients:
        parameters, memory = optimiser.step(parameters, {"p": gradient}, memory)
        path.append(parameters["p"])
    return path


def torchs(kind: str, parameter: Array, gradients: Sequence[Array], s: Settings) -> list[Array]:
    leaf = torch.nn.Parameter(torch.tensor(parameter))
    optimiser = getattr(torch.optim, kind)([leaf], **s)
    path = []
    for gradient in gradients:
        leaf.grad = torch.tensor(gradient)
        optimiser.step()
        path.append(leaf.detach().numpy().copy())
    return path


def bounds(kind: str, parameter: Array, gradients: Sequence[Array], s: Settings) -> list[Array]:
    """Return how far two evaluations may be apart after each step."""
    unit = float(np.finfo(parameter.dtype).eps) / 2
    sign = -1.0 if s["maximize"] else 1.0
    p, *gs = (
        Carried(a.astype(np.float64), np.zeros(SHAPE), unit)
        for a in (parameter, *(sign * g for g in gradients))
    )
    return [2 * reached.off for reached in TEXTBOOK[kind](p, gs, s)]


def agree(optimiser: Any, kind: str, s: Settings, seed: int, dtype: Dtype) -> bool:
    parameter, gradients = drawn(seed, dtype)
    paths = ours(optimiser, parameter, gradients), torchs(kind, parameter, gradients, s)
    apart = [np.abs(a.astype(np.float64) - b) for a, b in zip(*paths, strict=True)]
    allowed = bounds(kind, parameter, gradients, s)
    assert all(path.dtype == dtype for path in paths[0])
    return all((a <= b).all() for a, b in zip(apart, allowed, strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", TEXTBOOK)
def test_trajectories_are_those_of_torch(kind: str, dtype: Dtype) -> None:
    @settings(max_examples=15, deadline=None, database=None, derandomize=True)
    @given(DRAWN[kind].map(steady), st.integers(0, 2**32 - 1))
    def holds(s: Settings, seed: int) -> None:
        assert agree(getattr(optim, kind)(**s), kind, s, seed, dtype)

    holds()


@pytest.mark.parametrize("kind", TEXTBOOK)
def test_the_defaults_are_those_of_torch(kind: str) -> None:
    defaults = getattr(torch.optim, kind)([torch.zeros(1)]).defaults
    own = vars(getattr(optim, kind)())
    assert own == {name: defaults[name] for name in own}


@pytest.mark.parametrize("kind", TEXTBOOK)
def test_the_bound_is_far_below_the_way_that_was_gone(kind: str) -> None:
    parameter, gradients = drawn(0, np.float64)
    optimiser = getattr(optim, kind)()
    path = [parameter, *ours(optimiser, parameter, gradients)]
    way = np.abs(np.diff(path, axis=0)).sum(axis=0)
    assert (bounds(kind, parameter, gradients, vars(optimiser))[-1] < 2.0**-30 * way).all()


class DampenedAtFirst(optim.SGD):
    def initial(self, parameter: Array) -> Any:
        return np.zeros_like(parameter)


class LooksBack(optim.SGD):
    """Nesterov with the buffer of the step before."""

    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        _, buffer = super().move(parameter, gradient, memory)
        before: Array = np.zeros_like(parameter) if memory is None else memory
        return parameter - self.lr * (gradient + self.momentum * before), buffer


class NoLookAhead(optim.SGD):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return replace(optim.SGD(**vars(self)), nesterov=False).move(parameter, gradient, memory)


class GrowsInstead(optim.Optimiser[Any]):
    def decayed(self, parameter: Array, gradient: Array) -> Array:
        return gradient - self.weight_decay * parameter


class DecaysTwice(optim.Optimiser[Any]):
    def decayed(self, parameter: Array, gradient: Array) -> Array:
        return gradient + 2 * self.weight_decay * parameter


class RateAhead(optim.Adagrad):
    """The rate falls with t instead of t - 1."""

    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return super().move(parameter, gradient, memory._replace(steps=memory.steps + 1))


class AdagradForgets(optim.Adagrad):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        squares = np.full_like(parameter, self.initial_accumulator_value)
        return super().move(parameter, gradient, memory._replace(squares=squares))


class AdagradEpsInside(optim.Adagrad):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        _, after = super().move(parameter, gradient, memory)
        lr = self.lr / (1 + memory.steps * self.lr_decay)
        return parameter - lr * gradient / np.sqrt(after.squares + self.eps), after


class NoRoot(optim.Adagrad):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        _, after = super().move(parameter, gradient, memory)
        return parameter - self.lr * gradient / (after.squares + self.eps), after


class NotCentered(optim.RMSprop):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return super().move(parameter, gradient, memory._replace(mean=0 * memory.mean))


class WeightsSwapped(optim.RMSprop):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return replace(optim.RMSprop(**vars(self)), alpha=1 - self.alpha).move(
            parameter, gradient, memory
        )


class RmsEpsInside(optim.RMSprop):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        _, after = super().move(parameter, gradient, memory)
        step = self.momentum * memory.buffer + gradient / np.sqrt(after.square + self.eps)
        return parameter - self.lr * step, after._replace(buffer=step)


class NoMomentum(optim.RMSprop):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return super().move(parameter, gradient, memory._replace(buffer=0 * memory.buffer))


class UpdatedFirst(optim.Adadelta):
    """The mean of the steps takes this one up before it is used."""

    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        _, after = super().move(parameter, gradient, memory)
        step = np.sqrt(after.steps + self.eps) / np.sqrt(after.square + self.eps) * gradient
        return parameter - self.lr * step, after


class AdadeltaEpsOutside(optim.Adadelta):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        _, after = super().move(parameter, gradient, memory)
        step = (np.sqrt(memory.steps) + self.eps) / (np.sqrt(after.square) + self.eps) * gradient
        steps = self.rho * memory.steps + (1 - self.rho) * step * step
        return parameter - self.lr * step, after._replace(steps=steps)


class ScaledSteps(optim.Adadelta):
    """The mean takes up the step with its learning rate."""

    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        moved, after = super().move(parameter, gradient, memory)
        steps = self.rho * memory.steps + (1 - self.rho) * (moved - parameter) ** 2
        return moved, after._replace(steps=steps)


class NoCorrection(optim.Adam):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return super().move(parameter, gradient, memory._replace(steps=10**6))


class OneStepAhead(optim.Adam):
    def initial(self, parameter: Array) -> Any:
        return super().initial(parameter)._replace(steps=1)


class AdamEpsInside(optim.Adam):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        _, after = super().move(parameter, gradient, memory)
        b1, b2 = self.betas
        root = np.sqrt(after.square / (1 - b2**after.steps) + self.eps)
        return parameter - self.lr / (1 - b1**after.steps) * after.mean / root, after


class EpsCorrected(optim.Adam):
    """eps is added before the correction of the root, and so grows with it."""

    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        steps = memory.steps + 1
        eps = self.eps / float(np.sqrt(1 - self.betas[1] ** steps))
        return replace(optim.Adam(**vars(self)), eps=eps).move(parameter, gradient, memory)


class BetasSwapped(optim.Adam):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        swapped = replace(optim.Adam(**vars(self)), betas=self.betas[::-1])
        return swapped.move(parameter, gradient, memory)


class ForgetsTheLargest(optim.Adam):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return super().move(parameter, gradient, memory._replace(largest=0 * memory.largest))


class Coupled(optim.AdamW):
    """The weight decay joins the gradient and is divided by the root."""

    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return optim.Adam(**vars(self)).move(parameter, gradient, memory)


class DecayWithoutRate(optim.AdamW):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        shrunk = parameter * (1 - self.weight_decay)
        return optim.Adam(**vars(self) | {"weight_decay": 0}).move(shrunk, gradient, memory)


class DecaysAfterTheStep(optim.AdamW):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        moved, after = optim.Adam(**vars(self) | {"weight_decay": 0}).move(
            parameter, gradient, memory
        )
        return moved * (1 - self.lr * self.weight_decay), after


class Ascends(optim.AdamW):
    def move(self, parameter: Array, gradient: Array, memory: Any) -> Any:
        return super().move(parameter, -gradient, memory)


NESTEROV = {"momentum": 0.9, "nesterov": True}
MUTANTS: list[tuple[str, type[Any], Settings]] = [
    ("SGD", DampenedAtFirst, {"momentum": 0.9, "dampening": 0.3}),
    ("SGD", LooksBack, NESTEROV),
    ("SGD", NoLookAhead, NESTEROV),
    ("SGD", GrowsInstead, {"weight_decay": 1e-2}),
    ("SGD", DecaysTwice, {"weight_decay": 1e-2}),
    ("Adagrad", RateAhead, {"lr_decay": 0.1}),
    ("Adagrad", AdagradForgets, {}),
    ("Adagrad", AdagradEpsInside, {"eps": 1e-8}),
    ("Adagrad", NoRoot, {}),
    ("Adagrad", DecaysTwice, {"weight_decay": 1e-2, "eps": 1e-3}),
    ("RMSprop", NotCentered, {"centered": True}),
    ("RMSprop", WeightsSwapped, {}),
    ("RMSprop", RmsEpsInside, {}),
    ("RMSprop", NoMomentum, {"momentum": 0.5}),
    ("RMSprop", DecaysTwice, {"weight_decay": 1e-2, "eps": 1e-3}),
    ("Adadelta", UpdatedFirst, {}),
    ("Adadelta", AdadeltaEpsOutside, {}),
    ("Adadelta", ScaledSteps, {"lr": 0.1}),
    ("Adadelta", GrowsInstead, {"weight_decay": 1e-2, "eps": 1e-3}),
    ("Adadelta", DecaysTwice, {"weight_decay": 1e-2, "eps": 1e-3}),
    ("Adam", NoCorrection, {}),
    ("Adam", OneStepAhead, {}),
    ("Adam", AdamEpsInside, {}),
    ("Adam", EpsCorrected, {}),
    ("Adam", BetasSwapped, {}),
    ("Adam", ForgetsTheLargest, {"amsgrad": True, "betas": (0.9, 0.5)}),
    ("Adam", optim.AdamW, {"weight_decay": 1e-2, "eps": 1e-3}),
    ("AdamW", Coupled, {}),
    ("AdamW", DecayWithoutRate, {}),
    ("AdamW", DecaysAfterTheStep, {}),
    ("AdamW", Ascends, {}),
    ("AdamW", NoCorrection, {"weight_decay": 0}),
]


@pytest.mark.parametrize(
    ("kind", "wrong", "s"), MUTANTS, ids=[f"{kind}-{wrong.__name__}" for kind, wrong, _ in MUTANTS]
)
def test_a_wrong_optimiser_is_caught(kind: str, wrong: type[Any], s: Settings) -> None:
    right = getattr(optim, kind)
    if not issubclass(wrong, right):  # one error for every kind
        wrong = type(wrong.__name__, (wrong, right), {}) if wrong is not optim.AdamW else wrong
    every = vars(right(**s))
    assert agree(right(**s), kind, every, 0, np.float64)
    assert not agree(wrong(**s), kind, every, 0, np.float64)


def test_every_optimiser_has_five_mutants() -> None:
    assert all(sum(kind == k for k, _, _ in MUTANTS) >= 5 for kind in TEXTBOOK)


# Form


def test_nothing_is_changed_in_place() -> None:
    for kind in TEXTBOOK:
        optimiser = getattr(optim, kind)(weight_decay=0.1)
        parameter, gradients = drawn(0, np.float64)
        for array in (parameter, *gradients):
            array.flags.writeable = False
        parameters = {"p": parameter}
        memory = first = optimiser.start(parameters)
        once, memory = optimiser.step(parameters, {"p": gradients[0]}, memory)
        again, _ = optimiser.step(parameters, {"p": gradients[0]}, first)
        assert np.array_equal(once["p"], again["p"]), kind
        assert not np.array_equal(once["p"], parameter), kind
        optimiser.step(once, {"p": gradients[1]}, memory)


def test_a_parameter_without_a_gradient_stays() -> None:
    optimiser = optim.Adam()
    parameters = {"a": np.ones(2), "b": np.ones(2)}
    moved, _ = optimiser.step(parameters, {"a": np.ones(2)}, optimiser.start(parameters))
    assert moved["b"] is parameters["b"]
    assert (moved["a"] < 1).all()


@pytest.mark.parametrize(
    ("kind", "s", "message"),
    [
        ("SGD", {"lr": -1.0}, "lr=-1.0; it has to be 0 or more"),
        ("SGD", {"lr": float("nan")}, "lr=nan"),
        ("SGD", {"momentum": -0.5}, "momentum=-0.5"),
        ("SGD", {"nesterov": True}, "nesterov"),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "dampening=0.1"),
        ("Adagrad", {"lr_decay": -1}, "lr_decay=-1"),
        ("RMSprop", {"alpha": 1.0}, "alpha=1.0; it has to lie between 0 and 1"),
        ("RMSprop", {"weight_decay": -1}, "weight_decay=-1"),
        ("Adadelta", {"rho": -0.1}, "rho=-0.1"),
        ("Adam", {"betas": (0.9, 1.0)}, "betas="),
        ("AdamW", {"eps": -1e-8}, "eps=-1e-08"),
    ],
)
def test_a_wrong_setting_is_refused(kind: str, s: Settings, message: str) -> None:
    with pytest.raises(ValueError, match=f"{kind}: ") as caught:
        getattr(optim, kind)(**s)
    assert message in str(caught.value)


@pytest.mark.parametrize("gradient", [np.ones(3), np.ones(2, np.float32)])
def test_a_gradient_of_another_form_is_refused(gradient: Array) -> None:
    optimiser, parameters = optim.SGD(), {"p": np.ones(2)}
    with pytest.raises(ValueError, match="the gradient of p"):
        optimiser.step(parameters, {"p": gradient}, optimiser.start(parameters))


def test_a_gradient_without_a_parameter_is_refused() -> None:
    optimiser, parameters = optim.SGD(), {"p": np.ones(2)}
    with pytest.raises(ValueError, match="no parameter is called 'q'; there are p"):
        optimiser.step(parameters, {"q": np.ones(2)}, optimiser.start(parameters))
