"""Flat: the arrays inside tuples, lists and dicts, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def flat(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every array with its place.

    >>> [place for place, _ in flat("returned", (np.ones(1), [np.ones(2)]))]
    ['returned[0]', 'returned[1][0]']
    """
    if isinstance(value, (np.ndarray, np.floating)):
        yield place, value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from flat(f"{place}[{key}]", held)
    elif isinstance(value, (list, tuple)):
        for i, held in enumerate(value):
            yield from flat(f"{place}[{i}]", held)
