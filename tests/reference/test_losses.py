"""Losses against torch: output and gradients, over shapes, reductions, weights and targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import gradcheck.reference
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from gradcheck.reference._types import Array

SHAPES = [(5,), (4, 3), (2, 3, 4), (2, 3, 2, 2)]
EPS = np.finfo(np.float64).eps
PAIRED = ["mse_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"]
OF_CLASSES = ["nll_loss", "cross_entropy"]

settings = pytest.mark.parametrize(
    ("shape", "reduction", "weighted"), [*product(SHAPES, ["none", "mean", "sum"], [False, True])]
)


def run(name: str, *arrays: Array, **config: Any) -> tuple[Any, Any, Callable[[Array], Any]]:
    """Return output, cache and pullback."""
    module = getattr(gradcheck.reference, name)
    y, cache = module.forward(*arrays, **config)
    return y, cache, lambda dy: module.backward(dy, cache)


def assert_close(mine: Any, theirs: torch.Tensor, scale: float) -> None:
    """Compare: each side loses a few roundings of a few dozen terms, none larger than ``scale``."""
    expected = theirs.detach().numpy()
    assert mine.shape == expected.shape
    assert mine.dtype == expected.dtype
    assert np.all(np.abs(mine - expected) <= 64 * EPS * scale)


def compare(name: str, arrays: list[Array], ours: dict[str, Any], theirs: Any) -> None:
    """Compare output and gradients, for a drawn cotangent."""
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    expected = theirs(*leaves)
    y, _, pull = run(name, *arrays, **ours)
    dy = np.asarray(np.random.default_rng(1).normal(size=tuple(expected.shape)))
    expected.backward(torch.tensor(dy))
    assert_close(y, expected, 100 * max(1.0, float(expected.detach().abs().sum())))
    returned = pull(dy)
    for mine, leaf in zip(returned if len(arrays) > 1 else [returned], leaves, strict=True):
        assert leaf.grad is not None
        assert_close(mine, leaf.grad, 100.0)


def classes_along(shape: tuple[int, ...]) -> int:
    return shape[1] if len(shape) > 1 else shape[0]


@settings
@pytest.mark.parametrize("name", PAIRED)
def test_losses_of_pairs(name: str, shape: tuple[int, ...], reduction: str, weighted: bool) -> None:
    rng = np.random.default_rng(0)
    wide = 30 if "logits" in name else 1
    x, target = wide * rng.uniform(0.01, 0.99, shape) - wide // 2, rng.uniform(0, 1, shape)
    weight = rng.uniform(0.2, 2, shape) if weighted else None
    ours: dict[str, Any] = {"reduction": reduction, "weight": weight}
    theirs = {"reduction": reduction, "weight": None if weight is None else torch.tensor(weight)}
    if "logits" in name and weighted:
        ours["pos_weight"] = rng.uniform(0.2, 3, shape[-1:])
        theirs["pos_weight"] = torch.tensor(ours["pos_weight"])
    compare(name, [x, target], ours, lambda *leaves: getattr(F, name)(*leaves, **theirs))


def targets(shape: tuple[int, ...]) -> Iterator[tuple[Any, int]]:
    """Yield classes, and the index that is ignored."""
    rng, classes = np.random.default_rng(2), classes_along(shape)
    known = rng.integers(0, classes, shape[:1] + shape[2:] if len(shape) > 1 else ())
    yield np.asarray(known), -100
    if len(shape) > 1:
        some = known.copy()
        some.flat[0], some.flat[-1] = 1, 0
        yield some, 1
        some = known.copy()
        some.flat[0] = -100
        yield some, -100


@settings
@pytest.mark.parametrize("name", OF_CLASSES)
def test_losses_of_classes(
    name: str, shape: tuple[int, ...], reduction: str, weighted: bool
) -> None:
    rng = np.random.default_rng(0)
    x, classes = 3 * rng.normal(size=shape), classes_along(shape)
    weight = rng.uniform(0.2, 2, classes) if weighted else None
    for (target, ignored), smooth in product(targets(shape), [0.0, 0.2]):
        same: dict[str, Any] = {"reduction": reduction, "ignore_index": ignored}
        if name == "cross_entropy":
            same["label_smoothing"] = smooth
        ours = {**same, "weight": weight, "target": target.tolist()}
        theirs = {**same, "weight": None if weight is None else torch.tensor(weight)}
        call = getattr(F, name)
        compare(name, [x], ours, lambda x, c=call, t=target, s=theirs: c(x, torch.tensor(t), **s))


@settings
def test_cross_entropy_of_probabilities(
    shape: tuple[int, ...], reduction: str, weighted: bool
) -> None:
    rng = np.random.default_rng(0)
    target = np.moveaxis(rng.dirichlet(np.ones(classes_along(shape)), shape[:1] + shape[2:]), -1, 1)
    if len(shape) == 1:
        target = target[0]
    x, classes = 3 * rng.normal(size=shape), classes_along(shape)
    weight = rng.uniform(0.2, 2, classes) if weighted else None
    same: dict[str, Any] = {"reduction": reduction, "label_smoothing": 0.1}
    theirs = {**same, "weight": None if weight is None else torch.tensor(weight)}
    compare(
        "soft_cross_entropy", [x, target], {**same, "weight": weight},
        lambda *leaves: F.cross_entropy(*leaves, **theirs),
    )  # fmt: skip


@pytest.mark.parametrize("size", [1e3, 1e30, 1e300])
def test_huge_logits(size: float) -> None:
    x = np.array([[size, -size], [-size, size], [size, 0.0]])
    with np.errstate(all="raise", under="ignore"):
        y, _, pull = run("cross_entropy", x, target=[0, 0, 1], reduction="none")
        assert y.tolist() == [0.0, 2 * size, size]
        assert pull(np.ones(3)).tolist() == [[0.0, 0.0], [-1.0, 1.0], [1.0, -1.0]]
        target = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        y, _, pull = run("binary_cross_entropy_with_logits", x, target, reduction="none")
        assert y.tolist() == [[0, 0], [size, size], [size, np.log(2)]]
        assert pull(np.ones(x.shape))[0].tolist() == [[0, 0], [-1, 1], [1, -0.5]]


def test_a_confident_right_answer_keeps_its_digits() -> None:
    x = np.array([[50.0, 0.0]])
    y, _, pull = run("cross_entropy", x, target=[0])
    other = np.exp(-50.0)
    assert abs(y - other) <= 4 * EPS * other
    assert np.all(np.abs(pull(np.ones(())) - [[-other, other]]) <= 4 * EPS * other)


def test_probabilities_of_0_and_1_are_torch_s() -> None:
    x, target = np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
    with np.errstate(all="raise"):
        y, _, pull = run("binary_cross_entropy", x, target, reduction="none")
        dx, _ = pull(np.ones(4))
    leaf = torch.tensor(x, requires_grad=True)
    total = F.binary_cross_entropy(leaf, torch.tensor(target), reduction="sum")
    total.backward()  # type: ignore[no-untyped-call]
    assert leaf.grad is not None
    assert y.tolist() == [100.0, 100.0, 0.0, 0.0]
    ratio = dx[:2] / leaf.grad.numpy()[:2]
    assert np.all(np.abs(ratio - 1) < 2.0**-24)  # torch has its 1e-12 in float32
    assert dx[2:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", [*PAIRED, *OF_CLASSES, "soft_cross_entropy"])
def test_dtype_is_kept(name: str, dtype: type[np.floating[Any]]) -> None:
    x = np.array([[0.25, 0.5], [0.75, 0.125]], dtype)
    arrays, config = ([x], {"target": [0, 1]}) if name in OF_CLASSES else ([x, x], {})
    for reduction in ("none", "mean", "sum"):
        y, _, pull = run(name, *arrays, **config, reduction=reduction)
        returned = pull(np.ones(y.shape, dtype))
        gradients = returned if isinstance(returned, tuple) else (returned,)
        assert {np.dtype(dtype)} == {a.dtype for a in (y, *gradients)}


X = np.zeros((2, 3))


@pytest.mark.parametrize(
    ("name", "arrays", "config", "said"),
    [
        ("mse_loss", (X, X[:1]), {}, r"target has shape \(1, 3\), x has \(2, 3\)"),
        ("mse_loss", (X, X), {"reduction": "max"}, "reduction='max' is unknown"),
        ("mse_loss", (X, X.astype("f4")), {}, "target has dtype float32, x has float64"),
        ("nll_loss", (X,), {"target": [0.0, 1.0]}, "target has dtype float64"),
        ("nll_loss", (X,), {"target": [0]}, r"shape \(1,\).*of shape \(2,\)"),
        ("nll_loss", (X,), {"target": [0, 3]}, "target 3 is none of 3 classes"),
        ("cross_entropy", (X,), {"target": [0, -1]}, "target -1 is none of 3 classes"),
        ("cross_entropy", (X,), {"target": [0, 1], "weight": [1.0]}, r"weight has shape \(1,\)"),
        ("soft_cross_entropy", (X, X[:1]), {}, r"target has shape \(1, 3\)"),
    ],
)
def test_what_does_not_fit_is_refused(
    name: str, arrays: tuple[Array, ...], config: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: .*{said}"):
        run(name, *arrays, **config)
