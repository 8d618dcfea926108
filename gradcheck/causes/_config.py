"""The config, spoilt: the gradient that is right for another stride, slope or divisor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradcheck.causes._scene import Hypothesis, Unseen, whole
from gradcheck.config import Config
from gradcheck.trial import Trial
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.causes._scene import Scene


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Yield the true gradient for each other value of one setting."""
    case = scene.trial.case
    for key, value in case.config.items():
        for other in _others(value):
            config = Config({**case.config, key: other})
            try:
                trial = Trial(scene.trial.layer, replace(case, config=config), spec=None)
                trial.point = scene.trial.point
                block = whole(trial, scene.name).blocks[scene.name]
            except (Unseen, Violation, Raised):
                continue  # another output size, or no such layer
            if block.pattern.shape[0] != scene.cotangent.size:
                continue  # another output size, at a point whose case does not say its own
            text = f"it is the gradient for {key}={other!r}"
            yield Hypothesis(text, *scene.pulled(block, scene.cotangent))


def _others(value: Any) -> Iterator[Any]:
    """Yield what somebody may have written in place of a setting."""
    match value:
        case bool():
            yield not value
        case float():
            yield from (v for v in (0.0, 1.0, -value) if v != value)
        case tuple() if len(set(value)) > 1:
            yield value[::-1]
            yield (value[0],) * len(value)
            yield (value[-1],) * len(value)
        case tuple() if set(value) != {1}:
            yield (1,) * len(value)
        case int() if value != 1:
            yield 1
        case None:
            yield 1
