from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gradcheck", "properties", "reference", "reports")
OTHERS = ("properties", "reference", "reports")

ALLOWED = {
    "gradcheck": {
        *("gradcheck", "numpy", "hypothesis", "torch", "click", "rich", "pytest"),
        *("jax", "autograd"),
    },
    "properties": {"gradcheck", "numpy", "hypothesis", "torch"},
    "reference": {"numpy"},
    "reports": {"gradcheck", "numpy", "rich"},
}
"""What each package may import beside the standard library and, relatively, itself."""

LAZY = {"hypothesis", "torch", "jax", "autograd"}
"""Slow to import: only where they are needed."""


class Import(NamedTuple):
    """One imported module, as it is written, and where."""

    name: str
    line: int
    relative: bool
    lazy: bool
    typing: bool


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imports(tree: ast.AST, *, lazy: bool = False, typing: bool = False) -> Iterator[Import]:
    """Yield every import, however deep, with whether it waits for a call or for a type checker."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, False, lazy, typing)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for alias in node.names:
                name = f"{base}.{alias.name}" if base else alias.name
                up = "." * node.level
                yield Import(up + name, node.lineno, node.level > 0, lazy, typing)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from imports(ast.Module(node.body, []), lazy=lazy, typing=True)
            yield from imports(ast.Module(node.orelse, []), lazy=lazy, typing=typing)
        else:
            inside = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from imports(node, lazy=lazy or inside, typing=typing)


def wrong(source: str, path: str) -> list[str]:
    """Say which imports of a module of ``path`` break a rule of the house."""
    package, *folders = Path(path).parent.parts
    return [
        f"{path}:{found.line}: {found.name}: {reason}"
        for found in imports(ast.parse(source))
        if (reason := _reason(found, package, len(folders)))
    ]


def _reason(found: Import, package: str, depth: int) -> str:
    if found.relative:
        climbs = len(found.name) - len(found.name.lstrip("."))
        return "a relative import must stay in its folder" if climbs > depth + 1 else ""
    first, _, rest = found.name.partition(".")
    second = rest.partition(".")[0]
    if first in OTHERS or (first == "gradcheck" and second in OTHERS):
        other = first if first in OTHERS else second
        if other == package:
            return "imports inside a folder are relative"
        return f"{package} must not import {other}"
    if first not in sys.stdlib_module_names | ALLOWED[package]:
        return f"{package} must not import {first}"
    if first in LAZY and not (found.lazy or found.typing):
        return f"{first} is slow to import; import it in the function that needs it"
    return ""


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    found = [path.relative_to(ROOT) for path in modules()]
    mine = [path for path in found if path.parts[0] == package]
    assert mine
    problems = [line for path in mine for line in wrong((ROOT / path).read_text(), str(path))]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("path", "source", "reason"),
    [
        ("reference/a.py", "import torch", "must not import torch"),
        ("reference/a.py", "def f():\n    import torch", "must not import torch"),
        ("reference/a.py", "import scipy.signal", "must not import scipy"),
        ("reference/a.py", "from gradcheck import bounds", "must not import gradcheck"),
        ("reference/a.py", "from gradcheck.reference import relu", "are relative"),
        ("reference/a.py", "from reference import relu", "are relative"),
        ("reference/a.py", "from .. import bounds", "must stay in its folder"),
        ("reference/a.py", "if TYPE_CHECKING:\n    import torch", "must not import torch"),
        ("gradcheck/a.py", "from gradcheck.reports import console", "must not import reports"),
        ("gradcheck/a.py", "from gradcheck import reference", "must not import reference"),
        ("gradcheck/a.py", "import properties.pooling", "must not import properties"),
        ("gradcheck/cli/a.py", "def f():\n    import gradcheck.reports", "must not import reports"),
        ("gradcheck/cli/a.py", "from ... import reports", "must stay in its folder"),
        ("gradcheck/a.py", "import torch", "slow to import"),
        ("gradcheck/a.py", "try:\n    import torch\nexcept ImportError: pass", "slow to import"),
        ("gradcheck/a.py", "class A:\n    import hypothesis", "slow to import"),
        ("gradcheck/a.py", "import jinja2", "must not import jinja2"),
        ("properties/a.py", "from hypothesis import strategies", "slow to import"),
        ("properties/a.py", "from gradcheck.reference import relu", "must not import reference"),
        ("properties/a.py", "from gradcheck.properties import pooling", "are relative"),
        ("properties/a.py", "from gradcheck import reports", "must not import reports"),
        ("reports/a.py", "from gradcheck import properties", "must not import properties"),
        ("reports/a.py", "import reference", "must not import reference"),
    ],
)
def test_a_wrong_import_is_caught(path: str, source: str, reason: str) -> None:
    (found,) = wrong(source, path)
    assert reason in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("reference/a.py", "import math, numpy as np\nfrom . import relu\nfrom ._x import y"),
        ("gradcheck/a.py", "from gradcheck import bounds\nfrom gradcheck.cli import main"),
        ("gradcheck/a.py", "def f():\n    import torch\n    import torch.nn"),
        ("gradcheck/a.py", "if TYPE_CHECKING:\n    from hypothesis.strategies import integers"),
        ("gradcheck/cli/a.py", "from .. import bounds"),
        ("properties/a.py", "from gradcheck.spec import Spec\nfrom ._data import entries"),
        ("reports/a.py", "import rich\nfrom gradcheck import verdict\nfrom . import _words"),
    ],
)
def test_a_right_import_is_let_through(path: str, source: str) -> None:
    assert wrong(source, path) == []
