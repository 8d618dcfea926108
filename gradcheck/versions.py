"""Versions: what answers for a verdict's numbers."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

MISSING = "not installed"


def versions() -> dict[str, str]:
    """Return the versions of gradcheck, Python, NumPy, torch, Hypothesis and NumPy's BLAS.

    Examples
    --------
    >>> from gradcheck.versions import versions
    >>> list(versions())
    ['gradcheck', 'python', 'numpy', 'torch', 'hypothesis', 'BLAS']
    """
    packages = {name: _installed(name) for name in ("numpy", "torch", "hypothesis")}
    ours = {"gradcheck": _installed("gradcheck"), "python": platform.python_version()}
    return {**ours, **packages, "BLAS": _blas()}


def _installed(package: str) -> str:
    """Ask the package's metadata: importing torch takes over a second."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return MISSING


def _blas() -> str:
    import numpy as np

    # NumPy's stub says that show_config returns None, which holds for its other mode.
    config: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return " ".join(str(blas[key]) for key in ("name", "version") if blas.get(key)) or "unknown"
