"""Seeded: global random generators that a layer draws from, the same for each evaluation."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def seeded() -> Iterator[None]:
    """Seed Python's and NumPy's global generators, and leave them as they were found."""
    python, numpys = random.getstate(), np.random.get_state()
    random.seed(0)
    np.random.seed(0)
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpys)
