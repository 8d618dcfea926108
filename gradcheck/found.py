"""Found: what a stranger's code may change of the process, left as it was found.

NumPy's error state and print options, the global generators of Python, NumPy and torch, torch's
threads, default dtype and grad mode, warning filters, the working directory and ``sys.path``.
"""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np


class _Depth:
    """How many uses of `as_found` are open: inside one, generators are held already."""

    open = 0


def held() -> bool:
    """Tell whether the process is going to be left as it was found anyway."""
    return _Depth.open > 0


@contextmanager
def as_found() -> Iterator[None]:
    """Leave the process as it was."""
    path, copy = sys.path, [*sys.path]
    try:
        with but_path():
            yield
    finally:
        sys.path = path
        sys.path[:] = copy


@contextmanager
def but_path() -> Iterator[None]:
    """Leave all as it was but ``sys.path``: what a module added, its functions may need."""
    errors, options = np.geterr(), np.get_printoptions()
    folder, torch = os.getcwd(), _of_torch()
    _Depth.open += 1
    try:
        with generators(), warnings.catch_warnings():
            yield
    finally:
        _Depth.open -= 1
        np.seterr(**errors)
        np.set_printoptions(**options)
        with suppress(FileNotFoundError):  # it is gone; then there is nowhere to go back to
            os.chdir(folder)
        _restore(torch)


@contextmanager
def generators() -> Iterator[None]:
    """Leave the global generators as they were."""
    python, numpys, torch = random.getstate(), np.random.get_state(), _torch()
    drawn = torch.get_rng_state() if torch else None
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpys)
        if torch:
            torch.set_rng_state(drawn)


def seed() -> None:
    """Seed the global generators; torch's where it is imported."""
    random.seed(0)
    np.random.seed(0)
    if torch := _torch():
        torch.default_generator.manual_seed(0)


def _torch() -> Any:
    """Return torch if it is imported, and whole."""
    torch = sys.modules.get("torch")
    return torch if hasattr(torch, "default_generator") else None


def _of_torch() -> tuple[Any, ...] | None:
    torch = _torch()
    if not torch:
        return None
    return torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()


def _restore(settings: tuple[Any, ...] | None) -> None:
    if settings is None:
        return
    torch, (threads, dtype, grad) = _torch(), settings
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    torch.set_default_dtype(dtype)
    torch.set_grad_enabled(grad)
