"""Cases of a kind of layer, as Hypothesis strategies, and the arrays that belong to a case.

A case is a config, the shapes of its inputs, a dtype and a seed: a short literal, which a failing
test prints and which ``@example(case=Case(...))`` or ``gradcheck.check_layer(..., case=...)``
replays.

Examples
--------
>>> from hypothesis import given
>>> from gradcheck.reference import linear
>>> @given(linear_cases(bias=False))
... def test_shape(case):
...     y, _ = linear.forward(**draw_inputs("linear", case))
...     assert y.shape == case.shape("output")
>>> test_shape()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.case import Case
from gradcheck.points import draw_point
from gradcheck.registry import load_spec

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.layer import Array
    from gradcheck.spec import Spec


def cases(spec: str | Spec, target: str = "any", **fixed: Any) -> SearchStrategy[Case]:
    """Return a strategy of the cases that a run draws for a kind of layer.

    Parameters
    ----------
    spec : str or Spec
        The kind, by its registered name (``"max_pool2d"``) or itself.
    target : str
        One of its classes of configurations, such as ``"stride > kernel"``; ``"any"`` for all.
    **fixed
        Config keys and facts to pin: ``groups=1``, ``bias=False``, ``dtype="float32"``.

    Raises
    ------
    UnknownName
        If no spec of that name is registered.
    Contradiction
        If there is no such case.
    ValueError
        If there is no such class, or nothing of that name to pin.
    """
    return _settled(spec).cases(target, fixed)


def conv2d_cases(target: str = "any", **fixed: Any) -> SearchStrategy[Case]:
    """Return a strategy of cases of two-dimensional convolution: see `cases`."""
    return cases("gradcheck:conv2d", target, **fixed)


def linear_cases(target: str = "any", **fixed: Any) -> SearchStrategy[Case]:
    """Return a strategy of cases of the fully connected layer: see `cases`."""
    return cases("gradcheck:linear", target, **fixed)


def max_pool2d_cases(target: str = "any", **fixed: Any) -> SearchStrategy[Case]:
    """Return a strategy of cases of max pooling over images: see `cases`."""
    return cases("gradcheck:max_pool2d", target, **fixed)


def avg_pool2d_cases(target: str = "any", **fixed: Any) -> SearchStrategy[Case]:
    """Return a strategy of cases of average pooling over images: see `cases`."""
    return cases("gradcheck:avg_pool2d", target, **fixed)


def draw_inputs(spec: str | Spec, case: Case) -> dict[str, Any]:
    """Return the inputs of a case by name, off every kink: those that a run gives the layer.

    An absent input (a case without bias) is None. Drawn from the case's seed alone.
    """
    return dict(draw_point(_settled(spec), case, case.rng("point")).inputs)


def draw_cotangent(case: Case) -> Array:
    """Return the upstream gradient of a case: that which a run gives the backward."""
    shape = case.shape("output")
    return np.asarray(case.rng("cotangent").standard_normal(shape)).astype(case.dtype)


def _settled(spec: str | Spec) -> Spec:
    return load_spec(spec) if isinstance(spec, str) else spec
