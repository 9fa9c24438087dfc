"""Code of the bundles without docstrings, which nobody reads there: 2 MB of a server's memory.

``-OO`` would do the same and drop assertions too, and data classes without a docstring make one of their
signature when they are imported, which costs more time than the text costs memory.
"""

from __future__ import annotations

import ast
from types import CodeType


def slim(source: bytes, filename: str) -> CodeType:
    """Return the code of a module. Raises SyntaxError."""
    tree = ast.parse(source, filename)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            _drop_docstring(node)
    return compile(tree, filename, "exec", dont_inherit=True)


def _drop_docstring(
    node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> None:
    if ast.get_docstring(node, clean=False) is None:
        return
    first = node.body[0]
    if isinstance(node, ast.ClassDef) and node.decorator_list:
        first.value = ast.copy_location(ast.Constant(" "), first)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Module):
        del node.body[0]  # a ``from __future__`` must stay the first statement
    else:
        node.body[0] = ast.copy_location(ast.Pass(), first)
