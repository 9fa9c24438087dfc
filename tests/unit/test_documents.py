"""What the documents name exists: files, folders, links, sections of the notes on the protocol.

And the code is written in the field's terms (``docs/glossary.md``), not in words of our own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "docs/copilot-protocol.md"
MADE_WHILE_RUNNING = frozenset(
    {
        "usage.sqlite3",
        "budget.json",
        "learned.json",
        "vendor-demands.json",
        "sign-in.json",
        "state/settings-known.toml",
        "settings.toml",
    }
)
"""Files of the user's own, which no checkout has."""
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
FILE = re.compile(r"(?:[\w.@-]+/)*[\w@-]+(?:\.[\w-]+)*\.(?:py|md|json|toml|txt|mjs|qss)")
FOLDER = re.compile(r"(?:proxy_core|desktop|tests|docs|packaging)(?:/[\w-]+)*/?|(?:[a-z]\w*/)+")
IMPORTED = re.compile(r"python3? -m ((?:tests|desktop|proxy_core)(?:\.\w+)*)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BRACES = re.compile(r"\{([\w,]+)\}")
CITATION = re.compile(
    r"copilot-protocol\.md (\d+(?:\.\d+)?(?:(?:, | and | to |, and )\d+\.\d+)*)(?![\w.]*\w)"
)

OWN_WORDS = {
    "booked": "recorded",
    "bookkeeper": "recorder",
    "desk": "usage hooks",
    "door": "access policy, request guard",
    "doors": "access policies",
    "heard": "received",
    "hears": "is called with",
    "lesson": "refused parameter",
    "lessons": "refused parameters",
    "mend": "repair",
    "mended": "repaired",
    "mending": "repairing",
    "mends": "repairs",
}
"""No name, docstring or comment of the code holds one of these; beside it what to write instead."""
TRIPLE_QUOTED = re.compile(r'"""(.*?)"""', re.DOTALL)
PART_OF_A_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@cache
def files() -> frozenset[str]:
    """Every file of the working tree, by its path from the root; not what tools leave there."""
    tops = [ROOT / each for each in ("proxy_core", "desktop", "tests", "docs", "packaging", ".ci")]
    below = (path for top in tops for path in top.rglob("*") if "__pycache__" not in path.parts)
    found = (path for path in (*ROOT.glob("*"), *below) if path.is_file())
    return frozenset(path.relative_to(ROOT).as_posix() for path in found)


@cache
def ends() -> frozenset[str]:
    """Every path of a file or folder, and each of its ends that begins at a folder."""
    found: set[str] = set()
    for each in files():
        parts = each.split("/")
        for last in range(1, len(parts) + 1):
            found.update("/".join(parts[first:last]) for first in range(last))
    return frozenset(found)


@cache
def documents() -> tuple[Path, ...]:
    """The documents that speak of the present; a changelog's older entries may name what is gone."""
    top = ("README.md", "CONTRIBUTING.md", "AGENTS.md", "SECURITY.md")
    below = sorted((ROOT / "docs").rglob("*.md"))
    return (*(ROOT / each for each in top), *below)


def named_paths(text: str) -> set[str]:
    """Return the files and folders that a document names in backticks."""
    found: set[str] = set()
    for code in CODE.findall(text):
        words = (code,) if " " not in code else tuple(code.split())
        for word in words:
            plain = word.strip(".,;:()[]'\"")
            for each in unfolded(plain):
                path = each.partition("::")[0]
                if FILE.fullmatch(path) or (FOLDER.fullmatch(path) and "/" in path):
                    found.add(path.rstrip("/"))
    found.update(name.replace(".", "/") for name in IMPORTED.findall(text))
    return found


def unfolded(word: str) -> tuple[str, ...]:
    """Return what ``a/{b,c}.py`` stands for."""
    braces = BRACES.search(word)
    if braces is None:
        return (word,)
    return tuple(
        word[: braces.start()] + each + word[braces.end() :] for each in braces[1].split(",")
    )


def exists(path: str) -> bool:
    return path in ends() or f"{path}.py" in ends() or path in MADE_WHILE_RUNNING


def anchors(text: str) -> set[str]:
    """Return the anchors GitHub makes of a document's headings."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def broken_links(document: Path) -> list[str]:
    broken: list[str] = []
    for link in LINK.findall(document.read_text("utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (document.parent / place) if place else document
        is_there = target.exists()
        if anchor and is_there and target.suffix == ".md":
            is_there = anchor in anchors(target.read_text("utf-8"))
        if not is_there:
            broken.append(link)
    return broken


@pytest.mark.parametrize("document", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_a_document_names_exists(document: Path) -> None:
    missing = [path for path in named_paths(document.read_text("utf-8")) if not exists(path)]
    assert missing == []


@pytest.mark.parametrize("document", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    assert broken_links(document) == []


def test_a_path_that_is_gone_and_a_dead_link_are_seen(tmp_path: Path) -> None:
    document = tmp_path / "note.md"
    document.write_text(
        "# A head\n`proxy_core/door.py`, `routing/{route,gone}.py`, `errors.py`\n"
        "`python -m tests.nowhere`\n"
        "[here](#a-head) [away](gone.md) [lost](#another-head)\n",
        "utf-8",
    )
    missing = {each for each in named_paths(document.read_text("utf-8")) if not exists(each)}
    assert missing == {"proxy_core/door.py", "routing/gone.py", "tests/nowhere"}
    assert broken_links(document) == ["gone.md", "#another-head"]


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    notes = {each.name for each in (ROOT / "docs/decisions").glob("*.md")} - {"README.md"}
    assert {name for name in notes if f"]({name})" not in index} == set()


def test_every_section_of_the_protocol_that_code_cites_exists() -> None:
    text = PROTOCOL.read_text("utf-8")
    sections = set(re.findall(r"^(?:#+ |\*\*|\| )(\d+(?:\.\d+)?)\b", text, re.MULTILINE))
    cited: dict[str, str] = {}
    for name in files():
        if name.endswith((".py", ".md")) and not name.startswith("tests/unit/test_documents"):
            for citation in CITATION.findall((ROOT / name).read_text("utf-8")):
                cited.update(dict.fromkeys(re.findall(r"\d+(?:\.\d+)?", citation), name))
    assert len(cited) > 15, "the citations are found"
    assert {section: name for section, name in cited.items() if section not in sections} == {}


def identifiers(source: str) -> Iterator[str]:
    """Yield the names that a module defines or uses."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name


def prose(source: str) -> Iterator[str]:
    """Yield docstrings, docstrings of attributes, and lines that hold only a comment."""
    yield from TRIPLE_QUOTED.findall(source)
    yield from (each for each in source.splitlines() if each.lstrip().startswith("# "))


def own_words(source: str) -> set[str]:
    """Return what is to be written in other words, each with the term of the field."""
    found: set[str] = set()
    for name in identifiers(source):
        words = {each.lower() for each in PART_OF_A_NAME.findall(name)}
        found.update(f"{name}: {OWN_WORDS[each]}" for each in words & OWN_WORDS.keys())
    for text in prose(source):
        words = set(re.findall(r"[a-z]+", text.lower()))
        line = " ".join(text.split())
        found.update(f"{each} in {line!r}: {OWN_WORDS[each]}" for each in words & OWN_WORDS.keys())
    return found


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("docs/seeds.md", ""),
        ("docs/request-handlers.md", "tests/unit/upstream/transport/test_request_handlers.py"),
    ],
)
def test_every_test_a_document_names_is_there(name: str, default: str) -> None:
    named = re.findall(r"`(?:(tests/[\w/]+\.py)::)?(test_\w+)`", (ROOT / name).read_text("utf-8"))
    assert len(named) > 15
    missing = [
        f"{path or default}::{test}"
        for path, test in named
        if not re.search(rf"def {test}\b", (ROOT / (path or default)).read_text("utf-8"))
    ]
    assert missing == []


def test_words_of_our_own_are_seen_in_names_docstrings_and_comments() -> None:
    source = (
        '"""The door hears."""\n# A lesson.\ndef tell(open_desk):\n    return MyLesson(indoors=1)\n'
    )
    assert own_words(source) == {
        "open_desk: usage hooks",
        "MyLesson: refused parameter",
        "door in 'The door hears.': access policy, request guard",
        "hears in 'The door hears.': is called with",
        "lesson in '# A lesson.': refused parameter",
    }
    assert own_words("TEXT = 'the door'  # of a house\n") == set()


@pytest.mark.parametrize("folder", ["proxy_core", "desktop"])
def test_the_code_is_written_in_the_field_s_terms(folder: str) -> None:
    modules = [ROOT / each for each in sorted(files()) if each.startswith(f"{folder}/")]
    found = {
        path.relative_to(ROOT).as_posix(): words
        for path in modules
        if path.suffix == ".py" and (words := own_words(path.read_text("utf-8")))
    }
    assert found == {}
