from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

from gradcheck import registry
from gradcheck.registry import Entry

Invoke = Callable[..., Result]


def entry(name: str) -> Entry:
    point = EntryPoint(name, f"stranger.{name}:layer", "gradcheck.layers")
    return Entry(name, "stranger", "2.0", point)


SPECS: dict[str, Any] = {
    "conv2d": SimpleNamespace(
        name="conv2d",
        summary="Two-dimensional convolution of images",
        oracle=SimpleNamespace(name="torch.nn.functional.conv2d"),
        no_oracle_because="",
    ),
    "odd": SimpleNamespace(
        name="odd", summary="Odd", oracle=None, no_oracle_because="torch has none"
    ),
}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_layer(name: str) -> tuple[None, str, None]:
        if "broken" in name:
            raise registry.LoadError("stranger:broken does not load: ImportError: no cupy")
        return None, {"my_conv": "conv2d"}.get(name.split(":")[1], "odd"), None

    layers = [entry(name) for name in ("broken", "my_conv", "odd")]
    specs = [entry(name) for name in SPECS]
    monkeypatch.setattr(registry, "entries", lambda kind: layers if kind == "layers" else specs)
    monkeypatch.setattr(registry, "load_layer", load_layer)
    monkeypatch.setattr(registry, "load_spec", SPECS.__getitem__)


def test_each_layer_with_spec_origin_summary_and_oracle(invoke: Invoke) -> None:
    result = invoke("list")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    row = next(n for n, line in enumerate(lines) if line.startswith("my_conv"))
    assert lines[row].split(None, 3)[:3] == ["my_conv", "stranger", "2.0"]
    assert "Two-dimensional convolution" in lines[row]
    assert "spec conv2d, oracle torch.nn.functional.conv2d" in " ".join(result.output.split())


def test_one_that_does_not_load_is_listed_with_the_reason(invoke: Invoke) -> None:
    text = " ".join(invoke("list").output.split())
    assert "broken stranger 2.0 ERROR: stranger:broken" in text
    assert "no cupy" in text


def test_the_reason_for_no_oracle_is_told(invoke: Invoke) -> None:
    assert "spec odd, oracle none (torch has none)" in invoke("list").output


def test_it_fits_80_columns(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, invoke("list").output.splitlines())) <= 80


def test_an_empty_registry_is_said(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "entries", lambda kind: [])
    assert "none is registered" in invoke("list").output
