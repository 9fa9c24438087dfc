"""docs/security.md claims nothing without a test, and the rules it names are kept."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
CLAIMS = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", TEXT)))


@pytest.mark.parametrize(("file", "name"), CLAIMS, ids=lambda each: str(each))
def test_every_test_the_threat_model_names_exists(file: str, name: str) -> None:
    path = ROOT / file if "/" in file else ROOT / "tests" / "security" / file
    defined = {
        each.name
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in defined


def test_every_line_that_something_holds_names_a_test() -> None:
    rows = [each for each in TEXT.splitlines() if each.startswith("| ") and "Shown by" not in each]
    assert len(rows) > 25
    assert len(CLAIMS) > 25
    for row in rows:
        assert re.search(r"::test_\w+`", row), row


def test_every_exempted_line_says_why() -> None:
    """Bandit leaves these rules to ruff because the reasons stand there."""
    for folder in ("proxy_core", "desktop", "packaging"):
        for path in (ROOT / folder).rglob("*.py"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                found = re.search(r"#\s*noqa: (S\d+(?:, ?\w+)*)(.*)", line)
                if found:
                    assert re.search(r"\w{3}", found[2]), f"{path.relative_to(ROOT)}:{number}"


def test_the_way_to_report_a_weakness_is_written_down() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "private advisory" in text
    assert "Supported versions" in text
