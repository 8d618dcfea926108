"""Mutation: every way in which one slip of the pen changes a function's source.

A slip swaps two arguments, is off by one, takes the stride for the padding, drops a term or a sign.
Each gives a mutant: the code of the function as it would have been written.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from types import CodeType
from typing import Any

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mod,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}

NAMES = (
    ("stride", "dilation", "padding", "kernel"),
    ("size", "padded", "out", "image"),
    ("sum", "mean", "max"),
    ("maximum", "minimum"),
    ("max", "min"),
    ("exp", "expm1"),
    ("log", "log1p"),
    ("sign", "abs"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("floor", "ceil"),
    ("x", "weight"),
    ("dy", "y"),
)
"""Names, any of which is easily written for another of its row."""


@dataclass(frozen=True)
class Mutant:
    """One slip: in which function, what was written, and the code that comes of it."""

    function: str
    slip: str
    code: CodeType


def mutants(code: CodeType) -> Iterator[Mutant]:
    """Yield every mutant of a function, given by its code."""
    source = Path(code.co_filename).read_text(encoding="utf-8")
    tree = ast.parse(source)
    where = _index(tree, code)
    if where is None:
        return
    for place, node in enumerate(_body(_node(tree, where))):
        for new in _slips(node):
            mutated = copy.deepcopy(tree)
            target = _body(_node(mutated, where))[place]
            ast.fix_missing_locations(_Replacing(target, new).visit(mutated))
            slip = f"line {getattr(node, 'lineno', 0)}: {_said(node)} -> {_said(new)}"
            try:
                compiled = compile(mutated, code.co_filename, "exec")
            except (SyntaxError, ValueError, TypeError):
                continue  # no slip that Python takes
            found = _inner(compiled, code)
            if found is not None and found.co_freevars == code.co_freevars:
                yield Mutant(f"{Path(code.co_filename).stem}.{code.co_qualname}", slip, found)


def _index(tree: ast.AST, code: CodeType) -> int | None:
    for index, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first == code.co_firstlineno:
                return index
    return None


def _node(tree: ast.AST, index: int) -> Any:
    return list(ast.walk(tree))[index]


def _body(function: Any) -> list[ast.AST]:
    """Return the nodes of a function's body, without its docstring, hints and messages."""
    first = 1 if ast.get_docstring(function) else 0
    return [
        node
        for statement in function.body[first:]
        if not isinstance(statement, ast.Raise)
        for node in ast.walk(statement)
    ]


@singledispatch
def _slips(_: ast.AST) -> Iterator[ast.AST]:
    """Yield what may have been written for a node."""
    yield from ()


@_slips.register
def _binop(node: ast.BinOp) -> Iterator[ast.AST]:
    for other in OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(node.left, other(), node.right)  # type: ignore[arg-type]
    if isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div)):
        yield ast.BinOp(node.right, node.op, node.left)
    yield node.left
    yield node.right


@_slips.register
def _unaryop(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


@_slips.register
def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for other in OPERATORS.get(type(node.ops[0]), ()):
        yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)  # type: ignore[list-item]


@_slips.register
def _boolop(node: ast.BoolOp) -> Iterator[ast.AST]:
    for other in OPERATORS[type(node.op)]:
        yield ast.BoolOp(other(), node.values)  # type: ignore[arg-type]


@_slips.register
def _ifexp(node: ast.IfExp) -> Iterator[ast.AST]:
    yield node.body
    yield node.orelse


@_slips.register
def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(value * (1 + 2**-20))
        yield ast.Constant(-value)
    elif isinstance(value, str) and "->" in value:
        left, right = value.split("->")
        yield ast.Constant(f"{left}->{right[::-1]}")


@_slips.register
def _tuple(node: ast.Tuple) -> Iterator[ast.AST]:
    for i in range(len(node.elts) - 1):
        swapped = [*node.elts]
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
        yield ast.Tuple(swapped, node.ctx)


@_slips.register
def _call(node: ast.Call) -> Iterator[ast.AST]:
    for i in range(len(node.args) - 1):
        args = [*node.args]
        args[i], args[i + 1] = args[i + 1], args[i]
        yield ast.Call(node.func, args, node.keywords)
    for i in range(len(node.keywords)):
        yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    if len(node.args) == 1 and not node.keywords:
        yield node.args[0]


@_slips.register
def _attribute(node: ast.Attribute) -> Iterator[ast.AST]:
    for other in _alike(node.attr):
        yield ast.Attribute(node.value, other, node.ctx)


@_slips.register
def _name(node: ast.Name) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        for other in _alike(node.id):
            yield ast.Name(other, node.ctx)


@_slips.register
def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    for part in ("lower", "upper", "step"):
        if getattr(node, part) is not None:
            bounds = {p: getattr(node, p) for p in ("lower", "upper", "step")}
            yield ast.Slice(**{**bounds, part: None})


@_slips.register
def _augassign(node: ast.AugAssign) -> Iterator[ast.AST]:
    target = node.target
    yield ast.Assign([target], node.value)
    for other in OPERATORS.get(type(node.op), ()):
        yield ast.AugAssign(target, other(), node.value)  # type: ignore[arg-type]
    yield ast.Pass()


@_slips.register
def _assign(node: ast.Assign) -> Iterator[ast.AST]:
    if isinstance(node.targets[0], ast.Subscript):
        yield ast.Pass()


@_slips.register
def _expr(node: ast.Expr) -> Iterator[ast.AST]:
    if not isinstance(node.value, ast.Constant):
        yield ast.Pass()


@_slips.register
def _if(node: ast.If) -> Iterator[ast.AST]:
    yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
    yield ast.If(ast.Constant(True), node.body, node.orelse)
    yield ast.If(ast.Constant(False), node.body, node.orelse)


def _alike(name: str) -> Iterator[str]:
    for row in NAMES:
        if name in row:
            yield from (other for other in row if other != name)


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, copy.deepcopy(new)

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else super().generic_visit(node)


def _inner(code: CodeType, like: CodeType) -> CodeType | None:
    """Return the code of the same function inside a module's."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            same = constant.co_qualname == like.co_qualname
            if same and constant.co_firstlineno == like.co_firstlineno:
                return constant
            found = _inner(constant, like)
            if found is not None:
                return found
    return None


def _said(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())[:60]
