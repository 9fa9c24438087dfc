"""The local key: the secret that keeps other programs and web pages from using our port.

Made on first run and kept in a file only the user may read. It is useless outside this computer and
unrelated to the GitHub token.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from threading import Lock

from proxy_core.errors import BadRequest, translatable
from proxy_core.storage.file_lock import locked
from proxy_core.storage.private_files import read_private, write_private

PREFIX = "sk-local-"
"""Some clients refuse a key that does not begin with ``sk-``."""
SHORTEST = 16
"""Minimum characters of a user-chosen key where other computers can reach the port."""


class LocalKey:
    """The key of one state folder, as in force. Any thread may use it.

    ``given``: a key that replaces the stored one for this run. ``is_demo``: the file is left as it is.
    """

    def __init__(self, path: Path, given: str | None = None, *, is_demo: bool = False) -> None:
        self._path = path
        self._key = given
        self._is_given = given is not None
        self._is_demo = is_demo
        self._lock = Lock()

    def value(self) -> str:
        """Return the key; it is created on first use. Raises OSError."""
        if self._key is None:
            with self._lock:
                self._key = self._key or load_or_make(self._path)
        return self._key

    def replace(self) -> str:
        """Return a new key; the old one is no longer valid. Raises BadRequest or OSError."""
        key = new_key()
        if not self._is_demo:
            if self._is_given:
                raise BadRequest(
                    translatable(
                        "The main key is set for this run from outside, so it cannot be replaced here."
                    )
                )
            with locked(self._path):
                write_private(self._path, f"{key}\n".encode())
        with self._lock:
            self._key = key
        return key


def new_key() -> str:
    """Return a key of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def check_key_text(key: str) -> str:
    """Return a user-chosen key. Raises BadRequest (not quoting the key) if a header cannot carry it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise BadRequest(
            translatable("The key must be one line of visible ASCII characters without spaces.")
        )
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
