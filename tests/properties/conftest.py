"""Cases drawn without Hypothesis deciding how often, and layers that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from gradcheck import properties
from gradcheck.case import Case
from gradcheck.registry import entries
from gradcheck.spec import Spec

NAMES = [entry.name for entry in entries("specs") if entry.package == "gradcheck"]


@pytest.fixture(params=NAMES)
def spec(request: pytest.FixtureRequest) -> Spec:
    """Each contract in turn."""
    made: Spec = getattr(properties, request.param)()
    return made


@pytest.fixture
def draw() -> Callable[..., list[Case]]:
    """Draw cases of a strategy, the same ones in every run."""
    return draw_cases


@cache
def draw_cases(strategy: Any, examples: int = 30) -> list[Case]:
    """Draw cases of a strategy, the same ones in every run."""
    from hypothesis import HealthCheck, Phase, given, settings

    cases: list[Case] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=tuple(HealthCheck),
    )
    @given(strategy)
    def collect(case: Case) -> None:
        cases.append(case)

    collect()
    return cases
