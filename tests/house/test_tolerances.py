from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gradcheck", "properties", "reference", "reports")
HOME = Path("gradcheck/bounds.py")
"""The one module that derives bounds."""

NAMES = {"rtol", "atol", "tol", "tolerance", "eps", "epsilon"}
COMPARE = {"allclose", "isclose", "approx", "assert_allclose", "assert_almost_equal"}
SMALL = 1e-2

ALLOWED = {
    ("gradcheck/adapt/_settings.py", "0.01"): "default slope of torch's leaky_relu",
    ("properties/_activation_plans.py", "0.01"): "default slope of torch's leaky_relu, a case",
    ("reference/binary_cross_entropy.py", "1e-12"): "where torch's gradient stops growing",
    ("properties/_array_settings.py", "eps"): "torch's name of a setting",
    ("properties/normalisation.py", "1e-5"): "torch's default, a case",
    ("properties/normalisation.py", "eps"): "torch's name of a setting",
    ("reference/batch_norm.py", "1e-5"): "torch's default",
    ("reference/batch_norm.py", "eps"): "torch's name of a setting",
    ("reference/leaky_relu.py", "0.01"): "default slope of torch's leaky_relu",
    ("reference/optim/_adadelta.py", "1e-6"): "torch's default",
    ("reference/optim/_adadelta.py", "eps"): "torch's name of a setting",
    ("reference/optim/_adagrad.py", "1e-10"): "torch's default",
    ("reference/optim/_adagrad.py", "1e-2"): "torch's default",
    ("reference/optim/_adagrad.py", "eps"): "torch's name of a setting",
    ("reference/optim/_adam.py", "1e-2"): "torch's default",
    ("reference/optim/_adam.py", "1e-3"): "torch's default",
    ("reference/optim/_adam.py", "1e-8"): "torch's default",
    ("reference/optim/_adam.py", "eps"): "torch's name of a setting",
    ("reference/optim/_rmsprop.py", "1e-2"): "torch's default",
    ("reference/optim/_rmsprop.py", "1e-8"): "torch's default",
    ("reference/optim/_rmsprop.py", "eps"): "torch's name of a setting",
    ("reference/optim/_sgd.py", "1e-3"): "torch's default",
}
"""What is no tolerance: file and finding, with the reason."""

ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def suspects(source: str) -> Iterator[tuple[int, str]]:
    """Yield what looks like a tolerance: a name, a comparison with one built in, a small number."""
    yield from _look(ast.parse(source), source)


def _look(node: ast.AST, source: str) -> Iterator[tuple[int, str]]:
    line = getattr(node, "lineno", 0)
    for name in _names(node):
        words = set(name.lower().split("_"))
        if words & NAMES:
            yield line, name
    if isinstance(node, ast.Call) and (called := _called(node.func)) in COMPARE:
        yield line, called
    value = _number(node)
    if value is not None:
        if isinstance(value, float) and 0 < abs(value) <= SMALL:
            yield line, ast.get_source_segment(source, node) or ""
        return  # the parts of a number are not looked at again
    for child in ast.iter_child_nodes(node):
        yield from _look(child, source)


def _names(node: ast.AST) -> list[str]:
    """Return the names that the node gives a value to: assigned, parameters, keywords, fields."""
    match node:
        case ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return [name]
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            return [name]
        case ast.Dict(keys=keys):
            values = [getattr(key, "value", None) for key in keys]
            return [value for value in values if isinstance(value, str)]
    return []


def _called(function: ast.AST) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _number(node: ast.AST) -> float | None:
    """Return the value of a number, written out or as arithmetic: ``2.0**-20``, ``1 / 4096``."""
    if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
        return node.value if isinstance(node.value, (int, float)) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        left, right = _number(node.left), _number(node.right)
        if left is None or right is None:
            return None
        try:
            return ARITHMETIC[type(node.op)](left, right)
        except ArithmeticError:
            return None
    return None


def hunt() -> list[tuple[str, int, str]]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return [
        (path.relative_to(ROOT).as_posix(), line, what)
        for path in paths
        if path.relative_to(ROOT) != HOME
        for line, what in suspects(path.read_text())
    ]


def test_only_bounds_holds_a_tolerance() -> None:
    assert (ROOT / HOME).is_file()
    offenders = [f"{p}:{line}: {what}" for p, line, what in hunt() if (p, what) not in ALLOWED]
    assert not offenders, "derive it in gradcheck/bounds.py:\n" + "\n".join(offenders)


def test_every_exception_is_used_and_has_a_reason() -> None:
    assert set(ALLOWED) <= {(path, what) for path, _, what in hunt()}
    assert all(ALLOWED.values())


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("def check(x, rtol=None): ...", "rtol"),
        ("def check(x, *, atol: float): ...", "atol"),
        ("lambda tol: tol", "tol"),
        ("tolerance = 3", "tolerance"),
        ("self.eps = 1", "eps"),
        ("class A:\n    eps: float", "eps"),
        ("DEFAULT_TOLERANCE = 2", "DEFAULT_TOLERANCE"),
        ("x_tol: float = 5", "x_tol"),
        ("f(x, rtol=1)", "rtol"),
        ("{'atol': 1}", "atol"),
        ("np.allclose(a, b)", "allclose"),
        ("np.testing.assert_allclose(a, b)", "assert_allclose"),
        ("close = a - b < 1e-6", "1e-6"),
        ("x = -1e-8", "-1e-8"),
        ("STEP = 2.0 ** -20", "2.0 ** -20"),
        ("STEP = 10 ** -5", "10 ** -5"),
        ("STEP = 1 / 4096", "1 / 4096"),
        ("STEP = scale * (1 / 1024)", "1 / 1024"),
        ("def f(h=0.005): ...", "0.005"),
    ],
)
def test_a_tolerance_is_caught(source: str, what: str) -> None:
    assert [found for _, found in suspects(source)] == [what]


@pytest.mark.parametrize(
    "source",
    ["x = 0.0", "x = 0", "x = 0.5", "steps = 3", "x = 2.0 ** -4", "'rtol'", "y = a - 1"],
)
def test_other_numbers_are_let_through(source: str) -> None:
    assert list(suspects(source)) == []
