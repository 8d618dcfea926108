"""Check hand-written backward passes, without a hand-tuned tolerance.

The public door. Names are imported when they are first used, so that ``gradcheck --help`` and a
pytest run that only loads the plugin import neither NumPy, Hypothesis nor torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck import adapt
    from gradcheck.api import check, check_layer
    from gradcheck.bounds import Bound
    from gradcheck.case import Case
    from gradcheck.config import Config
    from gradcheck.discrepancy import Discrepancy
    from gradcheck.estimate import Estimate
    from gradcheck.finding import Crash, Doubt, Evidence, Failure, Note
    from gradcheck.layer import Layer
    from gradcheck.registry import AmbiguousName, LoadError, Registered, UnknownName
    from gradcheck.report import LayerReport, RunReport, VerdictError
    from gradcheck.spec import ConfigClass, Contradiction, Kinks, Multilinear, Oracle, Smooth, Spec
    from gradcheck.verdict import Verdict

_HOMES = {
    "AmbiguousName": "registry",
    "adapt": "adapt",
    "check": "api",
    "check_layer": "api",
    "Bound": "bounds",
    "Case": "case",
    "Config": "config",
    "ConfigClass": "spec",
    "Contradiction": "spec",
    "Crash": "finding",
    "Discrepancy": "discrepancy",
    "Doubt": "finding",
    "Estimate": "estimate",
    "Evidence": "finding",
    "Failure": "finding",
    "Kinks": "spec",
    "Layer": "layer",
    "LayerReport": "report",
    "LoadError": "registry",
    "Multilinear": "spec",
    "Note": "finding",
    "Oracle": "spec",
    "Registered": "registry",
    "RunReport": "report",
    "Smooth": "spec",
    "Spec": "spec",
    "UnknownName": "registry",
    "Verdict": "verdict",
    "VerdictError": "report",
}

__all__ = [
    "AmbiguousName",
    "Bound",
    "Case",
    "Config",
    "ConfigClass",
    "Contradiction",
    "Crash",
    "Discrepancy",
    "Doubt",
    "Estimate",
    "Evidence",
    "Failure",
    "Kinks",
    "Layer",
    "LayerReport",
    "LoadError",
    "Multilinear",
    "Note",
    "Oracle",
    "Registered",
    "RunReport",
    "Smooth",
    "Spec",
    "UnknownName",
    "Verdict",
    "VerdictError",
    "adapt",
    "check",
    "check_layer",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gradcheck' has no attribute {name!r}")
    module = import_module(f"gradcheck.{_HOMES[name]}")
    found = module if name == "adapt" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
