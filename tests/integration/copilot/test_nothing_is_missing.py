"""Each row and each numbered case has a test that names it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.integration.copilot.declared_cases import AFTER_THE_ROWS, CASES, ERROR_ROWS

HERE = Path(__file__).resolve().parent
NOTES = HERE.parents[2].parent / "shared" / "reference"
TESTS = [
    node.name
    for file in HERE.glob("test_*.py")
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
]


@pytest.mark.parametrize("number", CASES)
def test_each_numbered_case_has_its_test(number: int) -> None:
    assert any(name.startswith(f"test_case_{number}_") for name in TESTS)


@pytest.mark.parametrize("row", [*ERROR_ROWS, *AFTER_THE_ROWS])
def test_each_row_of_the_error_catalogue_has_its_test(row: int) -> None:
    assert any(name.startswith(f"test_row_{row}_") for name in TESTS)


@pytest.mark.parametrize("code", [code for codes in ERROR_ROWS.values() for code in codes])
def test_each_code_of_the_catalogue_stands_in_a_test(code: str) -> None:
    files = sorted(HERE.glob("test_error_catalogue*.py"))
    text = "".join(each.read_text(encoding="utf-8") for each in files)
    assert re.search(rf"\b{re.escape(code)}\b", text)


def notes(name: str) -> str:
    file = NOTES / name
    if not file.is_file():
        pytest.skip(f"{name} does not lie beside the repository")
    return file.read_text(encoding="utf-8")


def test_the_declared_rows_are_those_of_the_notes() -> None:
    section = notes("copilot-protocol.md").split("### 10.2")[1].split("###")[0]
    rows = [line for line in section.splitlines() if re.match(r"\| \d{3}", line)]
    assert len(rows) == len(ERROR_ROWS)
    for row, codes in zip(rows, ERROR_ROWS.values(), strict=True):
        meant = row.split("|")[2]
        for named in re.findall(r"`([a-z_]+)[`\[]", meant):
            assert named in codes or named == "x", (named, row)


def test_the_declared_cases_are_those_of_the_notes() -> None:
    text = notes("peers.md").split("### B7")[1].split("### B10")[0]
    assert tuple(int(n) for n in re.findall(r"(?m)^(\d+)\. ", text)) == CASES
