"""Text from outside, made fit for places that would take it for markup.

Names of models, tools and accounts and the words of errors are chosen by others. Labels of the app
are plain text by their format (``components/text.py``). Tool tips, notices of the system, the tray's tip
and message boxes have no such switch, or not on every desktop: Qt and notification servers look whether
a text might be HTML, and ``<img src="file:///...">`` would be rendered.
"""

from __future__ import annotations

import re

WORD_JOINER = "\u2060"
"""Invisible and without width; no tag's and no entity's name begins with it."""

_BEGINS_MARKUP = re.compile(r"<|&(?=[A-Za-z#])")


def literal(text: str) -> str:
    """Return ``text`` so that it reads the same as plain text and as markup."""
    return _BEGINS_MARKUP.sub(lambda begin: begin[0] + WORD_JOINER, text)
