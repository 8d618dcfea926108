from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from gradcheck.reference import conv2d

from gradcheck import adapt, registry

Invoke = Callable[..., Result]


def test_a_right_layer_is_explained_with_its_arithmetic(invoke: Invoke) -> None:
    result = invoke("explain", "conv2d", "--fix", "stride=2", "--fix", "groups=1")
    assert result.exit_code == 0, result.output
    assert "stride=2x2" in result.output
    for label in ("height", "width", "sees", "parameters", "multiply-adds", "d output/d x"):
        assert f"\n{label}" in result.output
    assert "the backward has every entry right" in result.output
    assert "gradcheck explain conv2d --case '{" in result.output


def test_a_printed_case_explains_itself_again(invoke: Invoke) -> None:
    first = invoke("explain", "max_pool2d").output
    case = first.split("--case '")[1].rstrip().rstrip("'")
    assert invoke("explain", "max_pool2d", "--case", case).output == first


def test_a_wrong_entry_is_shown_with_its_three_values_and_its_cause(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    def backward(dy: Any, cache: Any) -> Any:
        flipped = np.ascontiguousarray(cache.weight[:, :, ::-1, ::-1])
        dx = conv2d.backward(dy, cache._replace(weight=flipped))[0]
        return dx, *conv2d.backward(dy, cache)[1:]

    wrong = adapt.functional(conv2d.forward, backward, name="conv2d")
    entry = registry.find("layers", "conv2d")
    monkeypatch.setattr(registry, "load_layer", lambda name: (wrong, "conv2d", entry))
    result = invoke("explain", "conv2d", "--seed", "3")
    assert result.exit_code == 1, result.output
    assert "the backward has" in result.output
    assert "backward" in result.output
    assert "differences" in result.output
    assert "autograd" in result.output
    assert "cause" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["conv2dd"], "Did you mean 'conv2d'"),
        (["conv2d", "--fix", "strides=2"], "cannot fix 'strides'"),
        (["conv2d", "--fix", "stride"], "'stride' is not KEY=VALUE"),
        (["conv2d", "--case", "[]"], "a case is a JSON object"),
    ],
)
def test_wrong_usage_says_so(invoke: Invoke, arguments: list[str], said: str) -> None:
    result = invoke("explain", *arguments)
    assert result.exit_code == 2
    assert said in result.output
