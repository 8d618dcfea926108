"""The contracts of the layers that take something off: shrinkage and thresholds."""

from __future__ import annotations

from gradcheck.spec import Smooth, Spec

from ._activation_plans import range_of, smooth
from ._bends import Bends
from .activations import COMPOSED, entrywise

LAMBDA = (range_of("lambd != 1/2", "lambd", lambda size: size != 0.5),)
HARDSHRINK = smooth("hardshrink", LAMBDA, lambd=(0.5, 0.25, 1.5))
SOFTSHRINK = smooth("softshrink", LAMBDA, lambd=(0.5, 0.25, 1.5))
TANHSHRINK = smooth("tanhshrink")
THRESHOLD = smooth(
    "threshold",
    (
        range_of("threshold < 0", "threshold", lambda t: t < 0),
        range_of("value != 0", "value", lambda v: v != 0),
    ),
    threshold=(0.0, -1.0, 0.5),
    value=(0.0, -2.0, 20.0),
)


def hardshrink() -> Spec:
    """Return the contract of ``torch.nn.functional.hardshrink``."""
    kinks = Bends(lambda c: ((-c["lambd"], 1.0, 0.0), (c["lambd"], 0.0, 1.0)))
    return entrywise(HARDSHRINK, Smooth(), kinks=kinks, summary="x where |x| > lambd, else 0")


def softshrink() -> Spec:
    """Return the contract of ``torch.nn.functional.softshrink``."""
    kinks = Bends(lambda c: ((-c["lambd"], 1.0, 0.0), (c["lambd"], 0.0, 1.0)))
    return entrywise(SOFTSHRINK, Smooth(), kinks=kinks, summary="x, nearer to 0 by lambd")


def tanhshrink() -> Spec:
    """Return the contract of ``torch.nn.functional.tanhshrink``."""
    return entrywise(TANHSHRINK, Smooth(), module=COMPOSED, summary="x - tanh(x)")


def threshold() -> Spec:
    """Return the contract of ``torch.nn.functional.threshold``."""
    kinks = Bends(lambda c: ((c["threshold"], 0.0, 1.0),))
    return entrywise(THRESHOLD, Smooth(), kinks=kinks, summary="x above a threshold, else a value")
