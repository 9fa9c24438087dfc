"""Makes untrusted text safe for widgets that might interpret it as markup.

Names of models, tools and accounts and error messages are untrusted. Labels of the app are plain
text by their format (``components/text.py``). Tool tips, notices of the system, the tray's tip and
message boxes have no such switch, or not on every desktop: Qt and notification servers look whether
a text might be HTML, and ``<img src="file:///...">`` would be rendered.
"""

from __future__ import annotations

import re

WORD_JOINER = "\u2060"
"""Invisible and of zero width; no tag or entity name begins with it."""

_BEGINS_MARKUP = re.compile(r"<|&(?=[A-Za-z#])")


def literal(text: str) -> str:
    """Return ``text`` so that it reads the same as plain text and as markup."""
    return _BEGINS_MARKUP.sub(lambda begin: begin[0] + WORD_JOINER, text)
