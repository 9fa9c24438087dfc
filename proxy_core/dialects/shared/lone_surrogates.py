"""Replaces lone surrogates in upstream's JSON, which are not valid text.

A model's token can end inside a character (an emoji is a surrogate pair), and some servers then
write one half into each of two chunks. Strict JSON readers refuse both, so each half becomes
U+FFFD.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."
)
"""Matches every escape in order, so that an escaped backslash before ``ud83d`` is not mistaken for
one.
"""


def has_surrogates(data: bytes) -> bool:
    """Whether JSON text may contain a surrogate: a cheap test, also true for complete pairs."""
    return b"\\ud" in data or b"\\uD" in data


def without_halves(data: bytes) -> bytes:
    """Return JSON text with every lone surrogate replaced; itself if there is none."""
    if not has_surrogates(data):
        return data
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["half"] else found[0], data)
