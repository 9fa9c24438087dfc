"""Masks whatever looks like a secret, in text about to be stored or shown. Pure."""

from __future__ import annotations

import re

MASK = "***"

_SECRETS = re.compile(
    r"\b(?:gh[pousr]_\w{8,}|github_pat_\w{8,}|sk-[\w-]{12,}|eyJ[\w-]{8,}(?:\.[\w-]+)*|tid=[^\s\"']{8,})"
    r"|(?<=Bearer )\S+|(?<=bearer )\S+|(?<=token )\w{16,}"
    r"|(?<=://)[^\s/?#]+(?=@)"
)
"""GitHub's token kinds, API keys (the local key too), JSON web tokens, the short Copilot token, and the
name and password in the address of a proxy.
"""


def redact(text: str) -> str:
    """Return ``text`` with every secret masked."""
    return _SECRETS.sub(MASK, text)
