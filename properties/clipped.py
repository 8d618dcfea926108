"""The contracts of the layers made of lines and parabolas: relu6, hardtanh and their like."""

from __future__ import annotations

from gradcheck.spec import Smooth, Spec

from ._activation_plans import range_of, smooth
from ._bends import Bends
from .activations import COMPOSED, entrywise

HARDTANH = smooth(
    "hardtanh",
    (
        range_of("min_val != -max_val", "min_val", lambda low: low != -1),
        range_of("max_val != 1", "max_val", lambda high: high != 1),
    ),
    min_val=(-1.0, -0.5, 0.0),
    max_val=(1.0, 2.0, 6.0),
)
RELU6, HARDSIGMOID, HARDSWISH = map(smooth, ("relu6", "hardsigmoid", "hardswish"))


def relu6() -> Spec:
    """Return the contract of ``torch.nn.functional.relu6``."""
    kinks = Bends(lambda _: ((0.0, 0.0, 1.0), (6.0, 1.0, 0.0)))
    return entrywise(RELU6, Smooth(), kinks=kinks, summary="min(max(x, 0), 6)")


def hardtanh() -> Spec:
    """Return the contract of ``torch.nn.functional.hardtanh``."""
    kinks = Bends(lambda c: ((c["min_val"], 0.0, 1.0), (c["max_val"], 1.0, 0.0)))
    return entrywise(HARDTANH, Smooth(), kinks=kinks, summary="x between min_val and max_val")


def hardsigmoid() -> Spec:
    """Return the contract of ``torch.nn.functional.hardsigmoid``."""
    kinks = Bends(lambda _: ((-3.0, 0.0, 1 / 6), (3.0, 1 / 6, 0.0)))
    return entrywise(
        HARDSIGMOID, Smooth(), module=COMPOSED, kinks=kinks, summary="0, (x + 3) / 6 or 1"
    )


def hardswish() -> Spec:
    """Return the contract of ``torch.nn.functional.hardswish``."""
    kinks = Bends(lambda _: ((-3.0, 0.0, -0.5), (3.0, 1.5, 1.0)))
    return entrywise(HARDSWISH, Smooth(), kinks=kinks, summary="0, x (x + 3) / 6 or x")
