"""What the cases of the element-wise layers are drawn from."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isfinite
from typing import TYPE_CHECKING, Any

from ._class import Class, equal
from ._extent_plans import ARRAYS, DTYPE, ENTRYWISE, SIGNED, entrywise_shapes, full, read
from ._plan import Plan
from ._table import Row

if TYPE_CHECKING:
    from gradcheck.case import Case

BENT = {"dtype": DTYPE, "data": ("plain", "negative", "positive", "wide")}


def _real(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _plan(spec: str, classes: tuple[Class, ...] = (), **setting: tuple[Any, ...]) -> Plan:
    """Return the plan of a layer with at most one setting, a number."""
    return Plan(
        spec=spec,
        config=tuple(setting),
        facts={**setting, **BENT},
        open_facts=dict.fromkeys(setting, _real),
        sizes=ARRAYS,
        coherent=full,
        shapes=entrywise_shapes,
        read=read,
        classes=(*ENTRYWISE, *SIGNED, *classes),
    )


def range_of(name: str, key: str, demand: Any) -> Class:
    return Class(name=name, facts={key: demand})


def _left(name: str, key: str, demand: Any) -> Class:
    """Return a class of a setting that counts left of 0 alone, where every entry lies."""
    return Class(name=f"{name}, x < 0", facts={key: demand, **equal(data="negative")})


def _exact(slope: float) -> bool:
    return Fraction(slope).denominator <= 1024


def smooth(spec: str, classes: tuple[Class, ...] = (), **setting: tuple[Any, ...]) -> Plan:
    """Return the plan of a layer without a kink at 0, whose data has no side to keep to."""
    facts = {**setting, "dtype": DTYPE, "data": ("plain", "wide")}
    return replace(_plan(spec, (), **setting), facts=facts, classes=(*ENTRYWISE, *classes))


RELU, SELU = _plan("relu"), _plan("selu")

SIGMOID, TANH = smooth("sigmoid"), smooth("tanh")

SILU, MISH, SOFTSIGN, LOGSIGMOID = map(smooth, ("silu", "mish", "softsign", "logsigmoid"))

GELU = replace(smooth("gelu", approximate=("none", "tanh")), open_facts={})

SOFTPLUS = smooth(
    "softplus",
    (
        range_of("beta != 1", "beta", lambda b: b != 1),
        range_of("a low threshold", "threshold", lambda t: t < 20),
    ),
    beta=(1.0, 2.0, 0.5),
    threshold=(20.0, 5.0, 40.0),
)

CELU = _plan(
    "celu",
    (
        _left("0 < alpha < 1", "alpha", lambda a: 0 < a < 1),
        _left("alpha > 1", "alpha", lambda a: a > 1),
    ),
    alpha=(1.0, 0.5, 0.3, 2.0),
)

LEAKY_RELU = _plan(
    "leaky_relu",
    (
        _left("dyadic slope", "negative_slope", lambda s: _exact(s) and 0 < s < 1),
        _left("slope that rounds", "negative_slope", lambda s: not _exact(s)),
        _left("slope = 0", "negative_slope", lambda s: s == 0),
        _left("slope < 0", "negative_slope", lambda s: s < 0),
        _left("slope > 1", "negative_slope", lambda s: s > 1),
    ),
    negative_slope=(0.5, 0.01, 0.25, 0.3, 0.0, -0.5, 2.5),
)

ELU = _plan(
    "elu",
    (
        _left("alpha = 1", "alpha", lambda a: a == 1),
        _left("0 < alpha < 1", "alpha", lambda a: 0 < a < 1),
        _left("alpha > 1", "alpha", lambda a: a > 1),
        _left("alpha <= 0", "alpha", lambda a: a <= 0),
    ),
    alpha=(1.0, 0.5, 0.3, 2.0, -0.5, 0.0),
)


def _prelu_sizes(table: Any) -> Any:
    """Demand that one slope for all be told from a slope a channel."""
    return full(table) & ((table.slopes == table.channels) | (table.slopes == 1))


def _prelu_shapes(sizes: Any, rows: Any, columns: Any) -> dict[str, tuple[Any, ...]]:
    return {**entrywise_shapes(sizes, rows, columns), "weight": (sizes.slopes,)}


def _prelu_read(case: Case) -> Row:
    return Row(**vars(read(case)), slopes=case.shape("weight")[0])


PRELU = Plan(
    spec="prelu",
    facts=BENT,
    sizes={**ARRAYS, "slopes": (1, 2, 3, 4, 256, 257)},
    coherent=_prelu_sizes,
    shapes=_prelu_shapes,
    read=_prelu_read,
    classes=(
        *ENTRYWISE,
        *SIGNED,
        Class(name="a slope a channel", sizes=lambda s: (s.slopes > 1) & (s.batch > 1)),
        Class(
            name="one slope for all channels", sizes=lambda s: (s.slopes == 1) & (s.channels > 1)
        ),
    ),
)
