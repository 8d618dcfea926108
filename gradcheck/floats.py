"""Floats: the dtypes that a gradient may have; bfloat16 is one, which NumPy gets from ml_dtypes."""

from __future__ import annotations

from importlib import import_module
from typing import Any

BFLOAT16 = "bfloat16"


def is_float(dtype: Any) -> bool:
    """Return whether numbers of a dtype have a gradient; to NumPy itself bfloat16 is no float."""
    return bool(dtype.kind == "f") or is_bfloat16(dtype)


def is_bfloat16(dtype: Any) -> bool:
    """Tell bfloat16 by its name, which NumPy spells at leisure: among foreign kinds alone."""
    return bool(dtype.kind == "V" and dtype.name == BFLOAT16)


def provide(name: str) -> None:
    """Make NumPy know a dtype by its name.

    Raises
    ------
    ValueError
        If it takes a package that is not installed; the message says which.
    """
    if name != BFLOAT16:
        return
    try:
        import_module("ml_dtypes")
    except ImportError as error:
        raise ValueError(
            "NumPy has no bfloat16 of its own, and ml_dtypes, which brings it, is not installed: "
            "pip install ml_dtypes"
        ) from error
