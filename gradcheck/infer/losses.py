r"""Losses: a value and its gradient, of logits or probabilities, with one-hot targets or labels.

What is returned is a number :math:`c \, L` with :math:`L` the sum over the samples; :math:`c` is
told by two points of different sizes. The gradient belongs to the number that is returned, so it
is not scaled by itself: one of the sum beside a value that is a mean is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._seeded import seeded
from gradcheck.bounds import TOLD
from gradcheck.config import Config
from gradcheck.infer.inferred import CannotInfer, Inferred, Said
from gradcheck.infer.scored import Scored, scored
from gradcheck.points import draw_point

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array, Gradients, Pullback
    from gradcheck.spec import Spec

SHARES: dict[str, Any] = {
    "the sum over the samples": lambda n, c: 1.0,
    "the mean over the samples": lambda n, c: 1.0 / n,
    "the mean over all entries": lambda n, c: 1.0 / (n * c),
    "half the sum over the samples": lambda n, c: 0.5,
    "half the mean over the samples": lambda n, c: 0.5 / n,
    "half the mean over all entries": lambda n, c: 0.5 / (n * c),
    "the mean over the classes": lambda n, c: 1.0 / c,
}
"""What is returned, as a multiple of the sum: of n samples with c entries each."""

EACH = {
    "the sum over the samples": "the loss of each",
    "half the sum over the samples": "half the loss of each",
}
"""The same where nothing is summed."""

SIZES = ((3, 4), (2, 5))
"""Extents of the two points."""

NEUTRAL = {"weight": None, "pos_weight": None, "label_smoothing": 0.0, "ignore_index": -100}
"""Settings that a stranger's loss is not told."""

TARGETS = ("labels", "one-hot", "labels in a column")
PREDICTIONS = ("logits", "probabilities", "probabilities, with the gradient of logits")


def is_loss(spec: Spec) -> bool:
    """Tell whether a spec is a loss's: a reduction is among its classes."""
    return any(c.name.startswith("reduction ") for c in spec.classes)


@dataclass(frozen=True)
class Samples:
    """Brings a case of a loss into samples of one axis each, with one way to reduce."""

    reduction: str

    def __str__(self) -> str:
        return "samples of one axis, without weights, smoothing and targets that are ignored"

    def __call__(self, case: Case) -> Case:
        """Bring a case into it."""
        shape = case.shape("x")
        return self.sized(case, shape[:2] if len(shape) > 1 else (1, *shape))

    def sized(self, case: Case, shape: tuple[int, ...]) -> Case:
        """Return the case with these extents."""
        config = {key: NEUTRAL.get(key, value) for key, value in case.config.items()}
        config["reduction"] = self.reduction
        if "target" in config:
            rng = case.rng("labels")
            config["target"] = tuple(rng.integers(0, shape[1], shape[0]).tolist())
        each = shape[:1] if "target" in config or "label_smoothing" in config else shape
        shapes: dict[str, Any] = dict.fromkeys(case.shapes, shape)
        shapes["output"] = each if self.reduction == "none" else ()
        return replace(case, config=Config(config), shapes=shapes)


@dataclass(frozen=True)
class Loss:
    """A stranger's loss in its normal form, as a spec's config and inputs have it."""

    by: Scored
    inputs: tuple[str, ...]
    order: tuple[str, str]
    targets: str = ""
    predictions: str = "logits"

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.by.name

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, config)


@dataclass(frozen=True)
class _Configured:
    loss: Loss
    config: Mapping[str, Any]

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        x = inputs["x"]
        assert x is not None  # a loss is of something
        p = x if self.loss.predictions == "logits" else _softmax(x)
        told = {"pred": p, "true": self._target(inputs.get("target"), x)}
        with seeded():
            value, back = self.loss.by.value(told, self.loss.order)
        output = np.asarray(value) if isinstance(value, (float, np.generic)) else value

        def pullback(cotangent: Array) -> Gradients:
            with seeded():
                g = back(cotangent)
            of_p = self.loss.predictions == "probabilities" and np.shape(g) == p.shape
            return {"x": p * (g - np.sum(g * p, axis=-1, keepdims=True)) if of_p else g}

        return output, pullback

    def _target(self, given: Any, x: Array) -> Any:
        if given is not None:
            return given
        labels = np.asarray(self.config["target"])
        if self.loss.targets == "one-hot":
            return np.eye(x.shape[-1], dtype=x.dtype)[labels]
        return labels[:, None] if self.loss.targets == "labels in a column" else labels


@dataclass(frozen=True)
class Shared:
    """An oracle of the sum, its number and its gradients multiplied by a share."""

    oracle: Any
    share: str

    def __call__(self, config: Mapping[str, Any], /) -> Shared:
        """Settle the config."""
        return Shared(self.oracle(config), self.share)

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        """Return the share of the sum, and its pullback."""
        x = inputs["x"]
        assert x is not None
        output, back = self.oracle.pull(**inputs)
        c = SHARES[self.share](*x.shape)
        return c * output, lambda cotangent: back(np.asarray(c * cotangent))


def infer(target: Any, backward: Any, spec: Spec, oracle: Any, said: Said) -> Inferred:
    """Return the layer that a loss is, in whose conventions its value is nearest to the oracle's.

    Raises
    ------
    CannotInfer
        If it runs in none of them.
    """
    by = scored(target, backward, said.extra)
    raised: list[Exception] = []
    tried = list(_candidates(by, spec, oracle, raised))
    if not tried:
        why = f": {type(raised[0]).__name__}: {raised[0]}" if raised else ""
        raise CannotInfer(
            f"{by.name} gives no number for predictions and targets, in any order and form{why}; "
            "hand over an adapter"
        )
    far, loss, reduction, share = min(tried, key=lambda one: one[0])
    if loss.predictions == "probabilities":
        loss = _of_what(loss, spec, _oracle(oracle, reduction, share), reduction)
    return Inferred(
        layer=loss, assumed=tuple(_told(loss, far, share, reduction)), narrow=Samples(reduction),
        named=spec.inputs, omitted=spec.inputs[1:], spared=spec.inputs[1:],
        oracle=_oracle(oracle, reduction, share),
    )  # fmt: skip


def _candidates(
    by: Scored, spec: Spec, oracle: Any, raised: list[Exception]
) -> Iterator[tuple[float, Loss, str, str]]:
    labelled = "target" not in spec.inputs
    ofs = PREDICTIONS[:2] if spec.name in ("cross_entropy", "soft_cross_entropy") else ("logits",)
    for order, targets, of in product(by.orders, TARGETS if labelled else ("",), ofs):
        loss = Loss(by, spec.inputs, order, targets, of)
        for reduction in ("sum", "none"):
            try:
                ratios = [_ratio(loss, oracle, *_at(spec, s, reduction)) for s in SIZES]
            except Exception as error:  # in this form it does not run; in another it may
                raised.append(error)
                continue
            for share in SHARES:
                yield _far(ratios, share), loss, reduction, share


def _far(ratios: list[tuple[Array, Array]], share: str) -> float:
    """Return how far the values are from a share of the oracle's, relative to these."""
    apart = [
        float(np.max(np.abs(ours - (c := SHARES[share](*size)) * theirs)))
        / max(float(np.max(np.abs(c * theirs))), np.finfo(float).tiny)
        for (ours, theirs), size in zip(ratios, SIZES, strict=True)
    ]
    return max(apart) if np.all(np.isfinite(apart)) else np.inf


def _at(spec: Spec, size: tuple[int, int], reduction: str) -> tuple[Any, dict[str, Any]]:
    from gradcheck.infer.point import drawn

    case = Samples(reduction).sized(drawn(spec, {"dtype": "float64"})[0], size)
    return case.config, dict(draw_point(spec, case, np.random.default_rng(0)).inputs)


def _ratio(
    loss: Loss, oracle: Any, config: Mapping[str, Any], inputs: dict[str, Any]
) -> tuple[Array, Array]:
    """Return the value of a loss beside the oracle's; of another shape it is no candidate."""
    with np.errstate(all="ignore"):
        ours, _ = loss(config).pull(**inputs)
    theirs, _ = oracle(config).pull(**inputs)
    if not isinstance(ours, np.ndarray) or ours.shape != theirs.shape:
        raise TypeError(f"it gives {ours!r:.40}, where a value of shape {theirs.shape} is wanted")
    return ours, theirs


def _of_what(loss: Loss, spec: Spec, oracle: Any, reduction: str) -> Loss:
    """Return the loss with the gradient of probabilities, or of the logits behind them."""
    config, inputs = _at(spec, SIZES[0], reduction)
    output, back = oracle(config).pull(**inputs)
    wanted = back(np.ones_like(output))["x"]

    def apart(of: str) -> float:
        try:
            _, mine = replace(loss, predictions=of)(config).pull(**inputs)
            return float(np.max(np.abs(mine(np.ones_like(output))["x"] - wanted)))
        except Exception:  # what it raises, the check says
            return np.inf

    return replace(loss, predictions=min(PREDICTIONS[1:], key=apart))


def _oracle(oracle: Any, reduction: str, share: str) -> Any:
    return Shared(oracle, share) if SHARES[share](*SIZES[0]) != 1.0 else oracle


def _softmax(x: Array) -> Array:
    powers = np.exp(x - np.max(x, axis=-1, keepdims=True))
    shares: Array = powers / np.sum(powers, axis=-1, keepdims=True)
    return shares


def _told(loss: Loss, far: float, share: str, reduction: str) -> Iterator[str]:
    names = {"pred": "predictions", "true": "targets"}
    yield f"a loss of {' and '.join(names[token] for token in loss.order)}, in this order"
    if loss.predictions != "logits":
        yield f"it takes {loss.predictions}; the check puts a softmax before it"
    if loss.targets:
        yield f"targets are {loss.targets}"
    what = share if reduction == "sum" else EACH.get(share, share)
    if far < TOLD:
        yield f"the value that is returned is {what}; the gradient is to be that of this value"
    else:
        yield f"the value is nearest to {what}, and {far:.2g} of it away"
