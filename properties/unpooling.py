"""The contracts of max unpooling, along one to three axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.config import Config
from gradcheck.spec import Multilinear, Spec

from . import _pooling_plans
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.case import Case
    from gradcheck.layer import Array

PLANS = {axes: _pooling_plans.unpooled(axes) for axes in (1, 2, 3)}


def max_unpool1d() -> Spec:
    """Return the contract of ``torch.nn.functional.max_unpool1d``."""
    return _unpool(1)


def max_unpool2d() -> Spec:
    """Return the contract of ``torch.nn.functional.max_unpool2d``."""
    return _unpool(2)


def max_unpool3d() -> Spec:
    """Return the contract of ``torch.nn.functional.max_unpool3d``."""
    return _unpool(3)


def _unpool(axes: int) -> Spec:
    def cases(target: str, fixed: Mapping[str, Any]) -> SearchStrategy[Case]:
        return PLANS[axes].cases(target, fixed).map(_indexed)

    return Spec(
        name=f"max_unpool{axes}d",
        inputs=("x",),
        form=Multilinear(terms=(("x",),), counts=lambda _: {"output": 1, "x": 1}),
        cases=cases,
        classes=PLANS[axes].config_classes(),
        oracle=TorchFunction(name=f"gradcheck.properties._pool_settings.max_unpool{axes}d"),
        batched=(),  # the indices are those of the whole batch
        pattern=_pattern,
        summary="entries back to where a max pool found them",
    )


def _indexed(case: Case) -> Case:
    """Draw a place for each entry, no two in one plane: what torch does with two is undefined."""
    shape, places = case.shape("x"), np.arange(prod(case.shape("output")[2:]))
    rng, planes = np.random.default_rng(case.seed), prod(shape[:2])
    orders = rng.permuted(np.tile(places, (planes, 1)), axis=1)
    indices = orders[:, : prod(shape[2:])].reshape(shape).tolist()
    return replace(case, config=Config({**case.config, "indices": indices}))


def _pattern(case: Case) -> dict[str, tuple[Array, Array]]:
    """Return the output's place of each entry."""
    indices = np.array(case.config["indices"]).reshape(prod(case.shape("x")[:2]), -1)
    plane = np.arange(len(indices))[:, None] * prod(case.shape("output")[2:])
    return {"x": ((plane + indices).ravel(), np.arange(indices.size))}
