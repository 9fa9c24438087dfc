"""Reads the two numbers out of a "prompt too long" message, whichever endpoint wrote it.

Clients compact their conversation only when they recognise their own vendor's words.
"""

from __future__ import annotations

import re

_FORMS = (
    re.compile(r"prompt token count of (?P<tokens>\d+) exceeds the limit of (?P<limit>\d+)"),
    re.compile(r"prompt is too long: (?P<tokens>\d+) tokens > (?P<limit>\d+) maximum"),
    re.compile(
        r"maximum context length is (?P<limit>\d+) tokens\D+(?P<tokens>\d+) tokens", re.DOTALL
    ),
)


def overflow_numbers(message: str) -> tuple[int, int] | None:
    """Return the prompt's tokens and the most that are possible, or None if it does not say."""
    for form in _FORMS:
        found = form.search(message)
        if found:
            return int(found["tokens"]), int(found["limit"])
    return None
