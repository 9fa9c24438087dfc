"""What the settings file says of one setting that could not be put in force. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from proxy_core.errors import Problem, TranslatableText


def refused_in_file(problem: Problem | None, key: str) -> str:
    """Return the sentence of ``problem`` about ``key``, translatable; empty for none.

    A sentence about one setting names it in its value ``setting`` (``config.settings_store``); several
    problems are one text that is made of their sentences.
    """
    if problem is None:
        return ""
    found = (each for each in _sentences(problem.message) if each.values.get("setting") == key)
    return next(found, "")


def _sentences(text: str) -> Iterator[TranslatableText]:
    if isinstance(text, TranslatableText):
        yield text
        for value in text.values.values():
            yield from _sentences(value)
