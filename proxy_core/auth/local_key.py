"""The local key: the secret that keeps other programs and web pages from using our port.

Made on first run and kept in a file only the user may read. It is useless outside this computer and
unrelated to the GitHub token.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from proxy_core.errors import BadRequest
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, write_private

PREFIX = "sk-local-"
"""Some clients refuse a key that does not begin with ``sk-``."""
SHORTEST = 16
"""Minimum characters of a user-chosen key where other computers can reach the port."""


def new_key() -> str:
    """Return a key of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def check_key_text(key: str) -> str:
    """Return a user-chosen key. Raises BadRequest (not quoting the key) if a header cannot carry it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise BadRequest("The key must be one line of visible ASCII characters without spaces.")
    return key


def load_or_make(path: Path) -> str:
    """Return the key in ``path``, making a new one if it is missing or unusable. Raises OSError."""
    return _load(path) or _make(path)


def _load(path: Path) -> str | None:
    content = read_private(path)
    if content is None:
        return None
    key = content.decode("ascii", "replace").strip()
    usable = len(key) >= SHORTEST and key.isascii() and key.isprintable() and " " not in key
    return key if usable else None


def _make(path: Path) -> str:
    """Make a key, unless another process just did: both must use the same one."""
    with locked(path):
        key = _load(path)
        if key is None:
            key = new_key()
            write_private(path, f"{key}\n".encode())
    return key
