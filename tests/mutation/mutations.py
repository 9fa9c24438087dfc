"""One-line mutations of a source text: which there are, and what the text is with one of them.

Not mutated: annotations, docstrings, imports, decorators, and sentences for people (a string counts
as a word of the wire when it has no space in it).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_WIRE_WORD = re.compile(r"[\w.:/\[\]-]+")
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """Replaces the bytes from ``start`` to ``end`` of a file by ``replacement``."""

    kind: str
    line: int
    start: int
    end: int
    replacement: str

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.replacement.encode() + source[self.end :]


def mutations(source: bytes) -> list[Mutation]:
    """Return every mutation of ``source`` that still is a program, in the order of the text."""
    tree = ast.parse(source)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node, kind, replacement in _variants(tree):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[operator]  # parsed, so set
        found.append(Mutation(kind, node.lineno, start, end, replacement))
    found.sort(key=lambda each: (each.start, each.end, each.kind))
    return [each for each in found if _compiles(each.apply(source))]


def _compiles(source: bytes) -> bool:
    try:
        compile(source, "<mutant>", "exec")
    except SyntaxError:
        return False
    return True


_Variant = tuple[ast.expr | ast.stmt, str, str]


def _variants(tree: ast.AST) -> Iterator[_Variant]:
    for node in _code(tree):
        if isinstance(node, ast.stmt):
            yield from _of_statement(node)
        elif isinstance(node, ast.expr):
            yield from ((node, kind, f"({ast.unparse(new)})") for kind, new in _of_expression(node))


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Walk the parts of the tree that do something."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Assign) and "__slots__" in ast.unparse(node.targets[0]):
        return
    yield node
    skipped = {"annotation", "returns", "decorator_list", "bases", "type_params"}
    for name, value in ast.iter_fields(node):
        if name in skipped:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(child)


def _of_statement(node: ast.stmt) -> Iterator[_Variant]:
    if isinstance(node, ast.Expr | ast.AugAssign | ast.Raise | ast.Continue | ast.Break):
        yield node, "statement removed", "pass"
    elif isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name):
        # Without its name a plain assignment is a crash, which any test notices.
        yield node, "statement removed", "pass"
    elif isinstance(node, ast.Return) and node.value is not None and not _says_no(node.value):
        yield node, "return nothing", "return None"


def _says_no(node: ast.expr) -> bool:
    """None is no other answer than these."""
    return ast.unparse(node) in ("None", "False", "[]", "()", "{}", "''")


def _of_expression(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            yield "comparison flipped", ast.Compare(left, [_COMPARISONS[type(op)]()], [right])
        case ast.BoolOp(op=op, values=values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield "and / or", ast.BoolOp(other, values)
            yield "condition removed", values[0]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not removed", operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            yield "operator", ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "branches swapped", ast.IfExp(test, orelse, body)
        case ast.Call(func=func, args=[first, second, *rest], keywords=keywords) if not (
            isinstance(first, ast.Starred) or isinstance(second, ast.Starred)
        ):
            if not (isinstance(func, ast.Name) and func.id in ("isinstance", "cast")):
                yield "arguments swapped", ast.Call(func, [second, first, *rest], keywords)
        case ast.Constant(value=bool(value)):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "constant", ast.Constant(value + 1)
        case ast.Constant(value=str(value)) if _WIRE_WORD.fullmatch(value):
            yield "constant", ast.Constant(value + "_")
