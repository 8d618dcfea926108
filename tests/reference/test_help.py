"""`help` of a layer's module tells the whole of it: formulas, arguments, results, errors."""

from __future__ import annotations

import pydoc
import re
from types import ModuleType

import gradcheck.reference
import pytest

LAYERS = [
    module for module in vars(gradcheck.reference).values()
    if isinstance(module, ModuleType) and hasattr(module, "backward")
]  # fmt: skip


def missing(module: ModuleType) -> list[str]:
    """Return what a reader of `help(module)` looks for and does not find."""
    text = pydoc.plain(pydoc.render_doc(module))
    forward, backward = text.find("\n    forward("), text.find("\n    backward(")
    wanted = ("Parameters", "Returns", "Raises", "cache : Cache")
    parts = {"forward": text[forward:][:4000], "backward": text[backward:forward]}
    said = [
        f"{name}: {word}" for name, part in parts.items() for word in wanted if word not in part
    ]
    formulas = re.findall(r"^    .* = ", module.__doc__ or "", re.MULTILINE)
    return said + ["formulas of forward and backward"] * (len(formulas) < 2)


def test_there_are_layers() -> None:
    assert len(LAYERS) > 60


@pytest.mark.parametrize("module", LAYERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_help_tells_the_whole(module: ModuleType) -> None:
    assert not missing(module)


def test_what_help_does_not_tell_is_missed() -> None:
    bare = ModuleType("bare", "A layer of no words.")
    assert "forward: Parameters" in missing(bare)
    assert "formulas of forward and backward" in missing(bare)
