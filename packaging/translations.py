#!/usr/bin/env python3
"""The app's words in other languages: found in the code, kept in .ts files, compiled to .qm.

    python packaging/translations.py update     bring the .ts files up to date with the code
    python packaging/translations.py missing    list what is not translated; exit code 1 if anything is
    python packaging/translations.py compile    make the .qm files the app reads

Qt's own ``lupdate`` is not used: it names a context after the class around a call, and the presenters,
which know no Qt, share one. The files are Qt's: Qt Linguist opens them, ``compile`` runs ``lrelease``.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "desktop" / "resources" / "translations"
LANGUAGES = {"zh_CN": 1}
"""By language: how many plural forms it has."""
SHARED = "Presenters"
FROM_DATA = ("declared", "said")
"""Functions of ``Words`` that translate what the core words."""
PLACEHOLDER = re.compile(r"\{[a-z_]*\}|%n")


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """``is_numbered``: the translation may have several forms, chosen by ``%n``."""

    context: str
    source: str
    is_numbered: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A call whose text stands elsewhere: nobody could translate it."""

    place: str
    call: str


class _Finder(ast.NodeVisitor):
    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.messages: set[Message] = set()
        self.unreadable: list[Unreadable] = []
        self._path = path
        self._classes: list[str] = []
        # Qt's own ``tr`` looks in the context of the class; the presenters' in the shared one.
        self._is_view = bool({"views", "item_models"} & set(path.parts))
        self._shared = _context_of(tree) or SHARED
        # The core words its sentences in English; the presenters say them in the window's language.
        is_core = path.is_relative_to(ROOT / "proxy_core")
        self._calls = ("translatable",) if is_core else ("tr", "numbered")
        self._declares = 0

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._classes.append(node.name)
        self.generic_visit(node)
        self._classes.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        # Where a text comes from data on purpose.
        self._declares += node.name in FROM_DATA
        self.generic_visit(node)
        self._declares -= node.name in FROM_DATA

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name not in self._calls or not node.args or self._declares:
            return
        text = node.args[0]
        if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
            place = f"{self._path.relative_to(ROOT)}:{node.lineno}"
            self.unreadable.append(Unreadable(place, ast.unparse(node)))
            return
        is_own = self._is_view and bool(self._classes)
        context = self._classes[-1] if is_own else self._shared
        self.messages.add(Message(context, text.value, name == "numbered"))


def _context_of(tree: ast.Module) -> str:
    """The context a module names itself: ``partial(QCoreApplication.translate, "Pages")``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) == 2:
            function, context = node.args
            is_translate = isinstance(function, ast.Attribute) and function.attr == "translate"
            if is_translate and isinstance(context, ast.Constant):
                return str(context.value)
    return ""


def find_messages() -> tuple[frozenset[Message], list[Unreadable]]:
    """Return every text of the app, and the calls that hide theirs."""
    messages: set[Message] = set(_declared())
    unreadable: list[Unreadable] = []
    for path in sorted([*(ROOT / "desktop").rglob("*.py"), *(ROOT / "proxy_core").rglob("*.py")]):
        if path.name == "composition.py":  # says how to translate, not what
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        finder = _Finder(path, tree)
        finder.visit(tree)
        messages |= finder.messages
        unreadable += finder.unreadable
    return frozenset(messages), unreadable


def _declared() -> Iterator[Message]:
    """Sentences the core declares as data and the window shows through ``Words.declared``."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from desktop.presenters.settings.declared_words import declared_sentences

    for sentence in declared_sentences():
        yield Message(SHARED, sentence)


def ts_path(language: str) -> Path:
    return FOLDER / f"g-copilot-proxy_{language}.ts"


def qm_path(language: str) -> Path:
    return ts_path(language).with_suffix(".qm")


def read_ts(path: Path) -> dict[Message, tuple[str, ...]]:
    """Return what ``path`` translates: one text, or one for each plural form."""
    found: dict[Message, tuple[str, ...]] = {}
    if not path.exists():
        return found
    for context in ElementTree.parse(path).getroot().iter("context"):  # noqa: S314  # ours
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type") == "unfinished":
                continue
            is_numbered = message.get("numerus") == "yes"
            forms = [form.text or "" for form in translation.iter("numerusform")]
            texts = tuple(forms) if is_numbered else (translation.text or "",)
            key = Message(context.findtext("name", ""), message.findtext("source", ""), is_numbered)
            if all(texts):
                found[key] = texts
    return found


def write_ts(
    path: Path, language: str, messages: Iterable[Message], known: Mapping[Message, tuple[str, ...]]
) -> None:
    """Write ``messages`` in a fixed order; what nobody translated is marked unfinished."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    contexts: dict[str, ElementTree.Element] = {}
    for message in sorted(messages):
        if message.context not in contexts:
            contexts[message.context] = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(contexts[message.context], "name").text = message.context
        attributes = {"numerus": "yes"} if message.is_numbered else {}
        entry = ElementTree.SubElement(contexts[message.context], "message", attributes)
        ElementTree.SubElement(entry, "source").text = message.source
        texts = known.get(message, ())
        translation = ElementTree.SubElement(
            entry, "translation", {} if texts else {"type": "unfinished"}
        )
        if message.is_numbered:
            for form in texts or ("",) * LANGUAGES[language]:
                ElementTree.SubElement(translation, "numerusform").text = form
        elif texts:
            translation.text = texts[0]
    ElementTree.indent(root, "    ")
    body = ElementTree.tostring(root, encoding="unicode")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', "utf-8")


def update() -> int:
    messages, unreadable = find_messages()
    for call in unreadable:
        print(f"{call.place}: the text is not in the call: {call.call}", file=sys.stderr)
    for language in LANGUAGES:
        known = read_ts(ts_path(language))
        # A text that moved to another class, or stands in two, keeps its translation.
        by_source = {(each.source, each.is_numbered): texts for each, texts in known.items()}
        kept = {
            message: texts
            for message in messages
            if (
                texts := known.get(message)
                or by_source.get((message.source, message.is_numbered), ())
            )
        }
        write_ts(ts_path(language), language, messages, kept)
        print(f"{language}: {len(messages)} texts, {len(messages) - len(kept)} to translate")
    return 1 if unreadable else 0


def problems(language: str) -> list[str]:
    """Return what is wrong with a language, one line each: missing, stale, or with other values."""
    messages, unreadable = find_messages()
    known = read_ts(ts_path(language))
    found = [f"{each.place}: the text is not in the call: {each.call}" for each in unreadable]
    found += [
        f"not translated: {each.context}: {each.source}" for each in sorted(messages - set(known))
    ]
    found += [
        f"no longer used: {each.context}: {each.source}" for each in sorted(set(known) - messages)
    ]
    for message, texts in sorted(known.items()):
        wanted = sorted(PLACEHOLDER.findall(message.source))
        if any(sorted(PLACEHOLDER.findall(text)) != wanted for text in texts):
            found.append(f"other values than the original: {message.source!r} -> {texts!r}")
        if message.is_numbered and len(texts) != LANGUAGES[language]:
            found.append(f"{LANGUAGES[language]} plural forms are needed: {message.source!r}")
    return found


def missing() -> int:
    found = [f"{language}: {line}" for language in LANGUAGES for line in problems(language)]
    print("\n".join(found) or "Everything is translated.")
    return 1 if found else 0


def compile_all() -> int:
    release = Path(sys.executable).with_name("pyside6-lrelease")
    for language in LANGUAGES:
        command = [str(release), str(ts_path(language)), "-qm", str(qm_path(language)), "-silent"]
        code = subprocess.call(command)
        if code:
            return code
        print(f"{qm_path(language).relative_to(ROOT)}: {qm_path(language).stat().st_size} bytes")
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("command", choices=("update", "missing", "compile"))
    command = parser.parse_args(arguments).command
    return {"update": update, "missing": missing, "compile": compile_all}[command]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
