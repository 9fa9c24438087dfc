"""What a person's words name: file paths, places, a text to repeat, a secret word."""

from __future__ import annotations

import re

_QUOTED_PATH = re.compile(
    r"([`'\"])((?:~|\.{1,2})?/(?:(?!\1)[^\n])+|[A-Za-z]:\\(?:(?!\1)[^\n])+)\1"
)
_ROOTED_PATH = re.compile(
    r"(?<![\w:/.<])(?:(?:~|\.{1,2})?/[\w.@+~-][\w./@+~-]*|[A-Za-z]:\\[\w.\\@+~-]+)"
)
_BARE_FILE = re.compile(
    r"(?<![\w/@:.-])(?:[\w-]+/)*[\w-][\w.-]*\.(?:txt|md|rst|py|pyi|js|mjs|ts|tsx|jsx|json|jsonl|toml|yaml|yml|ini"
    r"|cfg|conf|env|lock|csv|tsv|log|xml|html|css|sh|ps1|bat|sql|c|h|cc|cpp|hpp|rs|go|java|kt|swift|rb|php)\b"
)
_PLACE = re.compile(
    r"\b(?:in|for|at|of)\s+((?:[A-ZÀ-ÝŁŚŻ][\w'’.-]*|São)(?:\s+[A-ZÀ-Ý][\w'’-]*)*(?:\s*(?:,|and|&|und|et)\s*"
    r"(?:and\s+)?(?:in\s+)?[A-ZÀ-Ý][\w'’-]*(?:\s+[A-ZÀ-Ý][\w'’-]*)*)*)"
)
_REPEAT = re.compile(
    r"(?:^|[.!?\]])[ \t]*Repeat exactly the following text and nothing else:[ \t]*\n?(.*)",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_TRAILING_REMINDER = re.compile(r"\s*<system-reminder>.*?</system-reminder>\s*\Z", re.DOTALL)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
_CLOSING_COMMAND = re.compile(
    r"\b(?:finish|submit|end|complete)\b[^\n`]{0,120}\bfollowing command:\s*`([^`\n]+)`",
    re.IGNORECASE,
)
_SECRET = re.compile(r"secret word is:\s*[\"'“`*]*([\w-]+)", re.IGNORECASE)


def paths_in(text: str) -> tuple[str, ...]:
    """File paths in order of appearance, each once."""
    found: list[tuple[int, str]] = [(m.start(2), m.group(2)) for m in _QUOTED_PATH.finditer(text)]
    covered = [(m.start(), m.end()) for m in _QUOTED_PATH.finditer(text)]
    for pattern in (_ROOTED_PATH, _BARE_FILE):
        for match in pattern.finditer(text):
            if any(start <= match.start() < end for start, end in covered):
                continue
            covered.append((match.start(), match.end()))
            found.append((match.start(), match.group()))
    cleaned = (path.strip().rstrip(".,;:!?)") for _, path in sorted(found))
    return tuple(dict.fromkeys(path for path in cleaned if len(path) > 1))


def asked_paths(words: str) -> tuple[str, ...]:
    """The paths of the first paragraph that names any.

    Agents put rules and examples behind a person's words, and those name files too.
    """
    return next(filter(None, map(paths_in, _PARAGRAPH_END.split(words))), ())


def closing_command_in(text: str) -> str | None:
    """The command by which an agent wants to be told that its task is done, if it says so."""
    match = _CLOSING_COMMAND.search(text)
    return match.group(1) if match else None


def places_in(text: str) -> tuple[str, ...]:
    """Names of places after a preposition: ``in Paris and New York`` gives both."""
    match = _PLACE.search(text)
    if match is None:
        return ()
    names = re.split(r"\s*(?:,|&|\band\b|\bund\b|\bet\b)\s*(?:and\s+)?(?:in\s+)?", match.group(1))
    return tuple(dict.fromkeys(name.strip(" .") for name in names if name.strip(" .")))


def text_to_repeat(text: str) -> str | None:
    """The X of ``Repeat exactly the following text and nothing else: X``, else None."""
    match = _REPEAT.search(text)
    return _TRAILING_REMINDER.sub("", match.group(1)).rstrip("\n") if match else None


def secret_word_in(text: str) -> str | None:
    match = _SECRET.search(text)
    return match.group(1) if match else None


def start_of(text: str, length: int = 60) -> str:
    """The beginning of ``text`` on one line, cut at a word where possible."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0] + "…"
