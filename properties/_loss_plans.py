"""What the cases of losses are drawn from.

Targets that name classes are whole numbers, with which nothing is differentiated: they stand in the
config, as do weights. Both follow from the sizes, of which ``deal`` is a seed.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ._class import DTYPES, Class, having
from ._extent_plans import AXES, DTYPE, extents, full, read
from ._plan import Plan
from ._table import Row

if TYPE_CHECKING:
    from gradcheck.case import Case

IGNORED = -100
"""No class: what torch ignores by default."""

QUARTERS = 4
"""Weights are whole numbers of them."""

REDUCTIONS = tuple(having(f"reduction {name}", reduction=name) for name in ("none", "mean", "sum"))
SIZES = {
    "ndim": (1, 2, 3, 4),
    **dict.fromkeys(AXES, (1, 2, 3)),
    "weighted": (0, 1),
    "positive": (0,),
    "deal": (0, 1, 2),
}
FACTS = {"reduction": ("none", "mean", "sum"), "dtype": DTYPE, "data": ("plain",)}


def _dimensions(count: int) -> Class:
    return Class(name=f"{count} dimension{'s' * (count > 1)}", sizes=lambda s: s.ndim == count)


DIMENSIONS = tuple(map(_dimensions, SIZES["ndim"]))
WEIGHTED = (
    Class(name="weights", sizes=lambda s: s.weighted == 1),
    Class(name="no weights", sizes=lambda s: s.weighted == 0),
)


def classes_of(shape: tuple[int, ...]) -> int:
    """Return the number of classes of an input of that shape."""
    return shape[1] if len(shape) > 1 else shape[0]


def without_classes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the targets."""
    return shape[:1] + shape[2:] if len(shape) > 1 else ()


def _rng(sizes: Row, what: int) -> np.random.Generator:
    return np.random.default_rng([what, sizes.deal, *extents(sizes)])


def _nested(array: Any) -> Any:
    """Return an array as the numbers that a config holds."""
    return array.tolist()


def _weights(shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    return _nested(rng.integers(1, 2 * QUARTERS, shape, endpoint=True) / QUARTERS)


def _class_weights(sizes: Row, _: Any) -> Any:
    return _weights((classes_of(extents(sizes)),), _rng(sizes, 1)) if sizes.weighted else None


def _entry_weights(sizes: Row, _: Any) -> Any:
    return _weights(extents(sizes), _rng(sizes, 1)) if sizes.weighted else None


def _positive_weights(sizes: Row, facts: dict[str, Any]) -> Any:
    last = extents(sizes)[-1:]
    return _weights(last, _rng(sizes, 2)) if sizes.positive else None


def _ignore_index(sizes: Row, _: Any) -> int:
    return 0 if sizes.ignored == 2 else IGNORED


def _target(sizes: Row, facts: dict[str, Any]) -> Any:
    """Draw classes; where some are to be ignored the last is not."""
    shape = extents(sizes)
    rng, classes = _rng(sizes, 3), classes_of(shape)
    target = np.asarray(rng.integers(0, classes, without_classes(shape)))
    if sizes.ignored:
        target.flat[0] = _ignore_index(sizes, facts)
        target.flat[target.size - 1] = classes - 1
    return _nested(target)


def _some_kept(table: Any) -> Any:
    """Demand a second target, and a second class, of cases that ignore some."""
    entries = table.batch * table.channels * table.height * table.width
    many = table.ndim > 1
    classes = np.where(many, table.channels, table.batch)
    return full(table) & ((table.ignored == 0) | ((entries > classes) & (classes > 1) & many))


def _pairs(sizes: Any, *_: Any) -> dict[str, tuple[Any, ...]]:
    return {"x": extents(sizes), "target": extents(sizes)}


def _alone(sizes: Any, *_: Any) -> dict[str, tuple[Any, ...]]:
    return {"x": extents(sizes)}


def _each(sizes: Row, facts: dict[str, Any]) -> tuple[int, ...]:
    return extents(sizes) if facts["reduction"] == "none" else ()


def _each_target(sizes: Row, facts: dict[str, Any]) -> tuple[int, ...]:
    return without_classes(extents(sizes)) if facts["reduction"] == "none" else ()


def _read(case: Case) -> Row:
    """Return the sizes of a case but for its deal, of which no class speaks."""
    config = case.config
    ignored = np.any(np.equal(config.get("target", 0), config.get("ignore_index", IGNORED)))
    kind = 2 if config.get("ignore_index") == 0 else 1
    return Row(
        **vars(read(case)),
        weighted=int(config["weight"] is not None),
        ignored=kind * int(ignored),
        positive=int(config.get("pos_weight") is not None),
    )


def elementwise(spec: str, *classes: Class, **more: Any) -> Plan:
    """Return the plan of a loss of two arrays of one shape."""
    return Plan(
        spec=spec,
        config=("reduction", "weight", *more),
        facts=FACTS,
        sizes={**SIZES, "positive": (0, 1) if more else (0,)},
        coherent=full,
        derived={"weight": _entry_weights, **more},
        shapes=_pairs,
        output=_each,
        read=_read,
        classes=(*REDUCTIONS, *DIMENSIONS, *WEIGHTED, *classes, *DTYPES),
    )


def of_classes(spec: str, smoothing: tuple[float, ...] = ()) -> Plan:
    """Return the plan of a loss of an array and classes."""
    smooth = {"label_smoothing": smoothing} if smoothing else {}
    return Plan(
        spec=spec,
        config=("target", "reduction", "weight", "ignore_index", *smooth),
        facts={**FACTS, **smooth},
        sizes={**SIZES, "ignored": (0, 1, 2)},
        coherent=_some_kept,
        derived={"target": _target, "weight": _class_weights, "ignore_index": _ignore_index},
        shapes=_alone,
        output=_each_target,
        read=_read,
        classes=(
            *REDUCTIONS,
            *DIMENSIONS,
            *WEIGHTED,
            Class(name="targets that are ignored", sizes=lambda s: s.ignored == 1),
            Class(name="a class that is ignored", sizes=lambda s: s.ignored == 2),
            *(SMOOTHED if smoothing else ()),
            *DTYPES,
        ),
    )


SMOOTHED = (
    Class(name="label smoothing", facts={"label_smoothing": lambda e: e > 0}),
    Class(name="no label smoothing", facts={"label_smoothing": lambda e: e == 0}),
)
SMOOTHING = (0.0, 0.1, 0.5)

MSE_LOSS = elementwise("mse_loss")
BINARY_CROSS_ENTROPY = elementwise("binary_cross_entropy")
WITH_LOGITS = elementwise(
    "binary_cross_entropy_with_logits",
    Class(name="weights of positives", sizes=lambda s: s.positive == 1),
    pos_weight=_positive_weights,
)
NLL_LOSS = of_classes("nll_loss")
CROSS_ENTROPY = of_classes("cross_entropy", SMOOTHING)
SOFT_CROSS_ENTROPY = Plan(
    spec="soft_cross_entropy",
    config=("reduction", "weight", "label_smoothing"),
    facts={**FACTS, "label_smoothing": SMOOTHING},
    sizes=SIZES,
    coherent=full,
    derived={"weight": _class_weights},
    shapes=_pairs,
    output=_each_target,
    read=_read,
    classes=(*REDUCTIONS, *DIMENSIONS, *WEIGHTED, *SMOOTHED, *DTYPES),
)


def target_weights(case: Case) -> Any:
    """Return the weight of each target, 0 where it is ignored, as whole numbers of quarters."""
    target = np.asarray(case.config["target"])
    ignored = target == case.config["ignore_index"]
    weight = case.config["weight"] or (1.0,) * classes_of(case.shape("x"))
    known = np.asarray(weight)[np.where(ignored, 0, target)]
    return np.where(ignored, 0, np.rint(QUARTERS * known)).astype(int)


def entries(shape: tuple[int, ...]) -> int:
    """Return how many targets there are."""
    return prod(without_classes(shape))
