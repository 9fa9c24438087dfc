"""Names and docstrings use the field's terms (``docs/glossary.md``), not words of our own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("proxy_core", "desktop")

WORDS_OF_NAMES = {
    "booked": "recorded",
    "bookkeeper": "UsageRecorder",
    "desk": "usage_hooks",
    "door": "access_policy, request_guard",
    "heard": "received",
    "hears": "is called with",
    "kept": "stored, remaining, backup",
    "lesson": "refused (RefusedParameter)",
    "lessons": "refused (RefusedParameter)",
    "mend": "repair",
    "mended": "repaired",
    "said": "text, verdict, response",
    "told": "reported, description",
}
"""A word that no identifier may hold, and what to write instead."""
PERSISTED = frozenset({"told", "kept_as", "kept_aside"})
"""Names that files or printed JSON hold: ``budget.json`` (``Spent.told``), ``settings --json``."""

PHRASES_OF_DOCSTRINGS = {
    r"desk": "usage hooks",
    r"doors?": "access check",
    r"lessons?": "refused parameter",
    r"hears?": "is called with",
    r"booked": "recorded",
    r"mend(?:s|ed|ing)?": "repair, correct",
    r"for ever": "indefinitely",
    r"(?:is|are|was|were|be) told": "is notified, is reported",
}
"""An expression that no docstring or comment may hold, and what to write instead."""
_PHRASE = re.compile(rf"\b(?:{'|'.join(PHRASES_OF_DOCSTRINGS)})\b", re.IGNORECASE)
_TRIPLE_QUOTED = re.compile(r'"""(.*?)"""', re.DOTALL)
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def modules() -> list[Path]:
    return sorted(path for each in FOLDERS for path in (ROOT / each).rglob("*.py"))


def identifiers(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module defines or uses."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name


def wrong_names(source: str) -> set[str]:
    """Return identifiers with a word that has a term of the field, as ``name: term``."""
    wrong: set[str] = set()
    for name in identifiers(ast.parse(source)):
        if name in PERSISTED:
            continue
        for part in _PART.findall(name):
            if part.lower() in WORDS_OF_NAMES:
                wrong.add(f"{name}: {WORDS_OF_NAMES[part.lower()]}")
    return wrong


def prose(source: str) -> Iterator[str]:
    """Yield docstrings, docstrings of attributes, and lines that hold only a comment."""
    for text in _TRIPLE_QUOTED.findall(source):
        yield " ".join(text.split())
    for line in source.splitlines():
        if line.lstrip().startswith("# "):
            yield line.strip()


def wrong_phrases(source: str) -> list[str]:
    """Return docstrings and comments with one of the phrases."""
    return [text for text in prose(source) if _PHRASE.search(text)]


def test_the_words_are_seen_in_names_and_docstrings() -> None:
    source = (
        '"""The door hears of it."""\ndef tell(kept_desk, told):\n    return MyLesson(said=1)\n'
    )
    found = {each.partition(":")[0] for each in wrong_names(source)}
    assert found == {"kept_desk", "MyLesson", "said"}
    assert wrong_phrases(source) == ["The door hears of it."]
    assert wrong_phrases("# What nobody is told.\nindoors = 'the door'\n") == [
        "# What nobody is told."
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_identifiers_are_the_field_s_terms(folder: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): names
        for path in modules()
        if path.is_relative_to(ROOT / folder) and (names := wrong_names(path.read_text("utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_docstrings_and_comments_are_plain(folder: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): texts
        for path in modules()
        if path.is_relative_to(ROOT / folder) and (texts := wrong_phrases(path.read_text("utf-8")))
    }
    assert wrong == {}
