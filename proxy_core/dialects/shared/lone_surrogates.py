"""Halves of characters in upstream's JSON, which no text may hold.

A model's token can end inside a character (an emoji is a pair of escapes), and some servers then write
one half into each of two chunks. Strict JSON readers refuse both; the answer is worth more than the
character, which becomes U+FFFD as everywhere.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."
)
"""Every escape in turn, so that an escaped backslash before ``ud83d`` is not taken for one."""


def has_surrogates(data: bytes) -> bool:
    """Whether JSON text may hold such a half: a cheap look, true also for whole pairs."""
    return b"\\ud" in data or b"\\uD" in data


def without_halves(data: bytes) -> bytes:
    """Return JSON text with every half of a pair replaced; the very same where there is none."""
    if not has_surrogates(data):
        return data
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["half"] else found[0], data)
