"""Mutants: one of each kind in `make test`, all and their right twins in `make test-all`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
AT_ONCE = 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test` leaves out: the gate checks the twins with each of its runs."""
    seen: Counter[str] = Counter()
    for item in items:
        if item.path.parent != HERE:
            continue
        kind = _kind(item)
        seen[kind] += 1
        if "twin" in item.name or seen[kind] > AT_ONCE:
            item.add_marker(pytest.mark.environment)


def _kind(item: pytest.Item) -> str:
    """Return the kind of layer that the item's first parameter names."""
    callspec = getattr(item, "callspec", None)
    kind = getattr(callspec, "params", {}).get("kind", "") if callspec else ""
    return f"{item.path.name} {kind or item.name.split('-')[0]}"
