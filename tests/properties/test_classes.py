"""Classes of windows, held against what their names say, worked out by hand from the config."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradcheck import properties
from gradcheck.case import Case

Draw = Callable[..., list[Case]]


def _facts(case: Case) -> dict[str, Any]:
    """Spell a case out: sizes, kernel, stride, padding and dilation of both axes."""
    config = case.config
    kernel = config["kernel_size"] if "kernel_size" in config else case.shape("weight")[2:]
    return {
        "size": case.shape("x")[2:],
        "out": case.shape("output")[2:],
        "k": kernel,
        "s": config["stride"],
        "p": config["padding"],
        "d": config.get("dilation", (1, 1)),
    }


def _axes(case: Case) -> list[tuple[int, ...]]:
    facts = _facts(case)
    return list(zip(*(facts[key] for key in ("size", "out", "k", "s", "p", "d")), strict=True))


def _remainder(n: int, k: int, s: int, p: int, d: int) -> int:
    return (n + 2 * p - d * (k - 1) - 1) % s


BY_HAND: dict[str, Callable[[Case], bool]] = {
    "kh != kw": lambda c: _facts(c)["k"][0] != _facts(c)["k"][1],
    "kh < kw": lambda c: _facts(c)["k"][0] < _facts(c)["k"][1],
    "kh > kw": lambda c: _facts(c)["k"][0] > _facts(c)["k"][1],
    "sh != sw": lambda c: _facts(c)["s"][0] != _facts(c)["s"][1],
    "ph != pw": lambda c: _facts(c)["p"][0] != _facts(c)["p"][1],
    "dh != dw": lambda c: _facts(c)["d"][0] != _facts(c)["d"][1],
    "H != W": lambda c: _facts(c)["size"][0] != _facts(c)["size"][1],
    "H < W": lambda c: _facts(c)["size"][0] < _facts(c)["size"][1],
    "H > W": lambda c: _facts(c)["size"][0] > _facts(c)["size"][1],
    "inexact floor": lambda c: any(_remainder(n, k, s, p, d) for n, _, k, s, p, d in _axes(c)),
    "stride > kernel": lambda c: any(s > k for _, _, k, s, _, _ in _axes(c)),
    "stride < kernel": lambda c: any(s < k and o > 1 for _, o, k, s, _, _ in _axes(c)),
    "kernel = 1": lambda c: _facts(c)["k"] == (1, 1),
    "even kernel": lambda c: any(k % 2 == 0 for k in _facts(c)["k"]),
    "kernel = whole image": lambda c: _facts(c)["k"] == _facts(c)["size"],
    "window starts in padding": lambda c: any(_facts(c)["p"]),
    "padding > kernel - 1": lambda c: any(p > k - 1 for _, _, k, _, p, _ in _axes(c)),
    "one-pixel output": lambda c: _facts(c)["out"] == (1, 1),
    "output longer than 255": lambda c: max(_facts(c)["out"]) > 255,
    "dilation > 1": lambda c: max(_facts(c)["d"]) > 1,
    "ceil_mode, partial last window": lambda c: (
        c.config["ceil_mode"]
        and any((o - 1) * s + d * (k - 1) + 1 > n + 2 * p for n, o, k, s, p, d in _axes(c))
    ),
    "depthwise": lambda c: c.config["groups"] == c.shape("x")[1] > 1,
    "groups > 1": lambda c: c.config["groups"] > 1,
    "groups = 1": lambda c: c.config["groups"] == 1,
    "C_in != C_out": lambda c: c.shape("x")[1] != c.shape("output")[1],
    "batch > 1": lambda c: c.shape("x")[0] > 1,
    "no bias": lambda c: c.shapes["bias"] is None,
    "non-zero bias": lambda c: c.shapes["bias"] is not None,
    "negative data with padding": lambda c: c.data == "negative" and any(c.config["padding"]),
}


@pytest.mark.parametrize("name", ["conv2d", "max_pool2d", "avg_pool2d"])
def test_a_class_is_what_its_name_says(name: str, draw: Draw) -> None:
    spec = getattr(properties, name)()
    for wanted in spec.classes:
        if wanted.name in BY_HAND:
            for case in draw(spec.cases(wanted.name, {})):
                assert BY_HAND[wanted.name](case), (wanted.name, case)


@pytest.mark.parametrize("name", ["conv2d", "max_pool2d", "avg_pool2d"])
def test_relations_between_axes_are_recognised_in_any_case(name: str, draw: Draw) -> None:
    spec = getattr(properties, name)()
    told = [c for c in spec.classes if "<" in c.name or "!=" in c.name]
    for case in draw(spec.cases("any", {}), 100):
        for wanted in told:
            if wanted.name in BY_HAND and wanted.name != "stride < kernel":
                assert wanted.holds(case) == BY_HAND[wanted.name](case)


def test_the_classes_of_the_design_are_there() -> None:
    names = {wanted.name for wanted in properties.conv2d().classes}
    assert names >= BY_HAND.keys() - {
        "ceil_mode, partial last window",
        "negative data with padding",
    }


def test_a_long_output_is_long_on_one_axis_only(draw: Draw) -> None:
    for case in draw(properties.conv2d().cases("output longer than 255", {})):
        assert min(case.shape("output")[2:]) <= 2
